import { create } from 'zustand';
import type { Verdict } from '../../../shared/contract/estimate.ts';
import type { contract } from '../../../shared/contract/index.ts';
import type { ModelFeature } from '../../../shared/contract/models.ts';
import type { WizardAnswers } from '../../../shared/contract/wizard.ts';
import { usualNeeds } from '../../../shared/estimate/plan-model.ts';
import type { Machine } from '../../../shared/machine.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { core } from '../../state/core.ts';
import { useHello } from '../../state/hello.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { answer, useWizard } from '../../state/wizard.ts';
import { choiceOf, contextFor, shownAfter } from './model-choice.ts';

/** The models as the core lists them. */
export type Listed = OutputOf<(typeof contract)['models']['list']>;
/** One model of the list. */
export type Model = Listed['models'][number];
/** What a person wants of a model. */
export type Needs = Pick<WizardAnswers, 'gitlabVersion' | 'features' | 'users'>;

interface ModelState {
  /** Undefined until the answers of an earlier day are known. */
  needs?: Needs;
  contextTokens: number;
  concurrency: number;
  /** The model whose picture is shown. */
  shownId?: string | undefined;
  /** The models that are compared, in the order in which they were ticked. */
  compared: string[];
  /** All that GitLab's page names, without verdicts. */
  all?: Listed;
  /** Those that can do what is wanted, best first; absent while this machine was not looked at. */
  ranked?: Listed | undefined;
  error?: ShownError | undefined;
  isLooking: boolean;
}

/** State of the choice. What is only looked at is not kept. */
export const useModels = create<ModelState>(() => ({ ...usualNeeds, compared: [], isLooking: false }));

/** Takes over what was answered before, once. */
export function beginWith(answers: WizardAnswers): void {
  if (useModels.getState().needs) return;
  const { gitlabVersion, features, users, modelId, contextTokens, concurrency } = answers;
  useModels.setState({
    needs: { features, gitlabVersion, users },
    shownId: modelId,
    contextTokens: contextTokens ?? usualNeeds.contextTokens,
    concurrency: concurrency ?? usualNeeds.concurrency,
  });
}

/** Changes what is wanted, and keeps it where this window may write. */
export function want(change: Partial<Needs>): void {
  useModels.setState(({ needs }) => ({ needs: { features: [], ...needs, ...change } }));
  if (!useHello.getState().hello?.mayWrite) return;
  const set = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const clear = (['gitlabVersion', 'users'] as const).filter((one) => one in change && change[one] === undefined);
  void answer(set, clear);
}

/** Keeps the model with the numbers that are shown, whether it fits with them, and what was recommended then. */
export function choose({ id, size }: Model, verdict: Verdict | undefined, overrides: Record<string, string>): void {
  const { contextTokens, concurrency, ranked } = useModels.getState();
  const recommendedId = ranked?.recommendation?.id;
  const numbers = { contextTokens: contextFor(size, contextTokens), concurrency };
  const { set, clear } = choiceOf({ modelId: id, ...numbers, verdict, recommendedId, overrides });
  void answer(set, clear);
}

/** Takes a model into the comparison, or out of it. */
export function compare(modelId: string, isWanted: boolean): void {
  useModels.setState(({ compared }) => {
    const others = compared.filter((one) => one !== modelId);
    return { compared: isWanted ? [...others, modelId] : others };
  });
}

const featureOf: Record<WizardAnswers['features'][number], ModelFeature> = {
  CODE_COMPLETIONS: 'codeCompletion',
  CODE_GENERATIONS: 'codeGeneration',
  DUO_CHAT: 'chat',
  DUO_AGENT_PLATFORM: 'agentPlatform',
};

/** The catalogue's names of what is wanted. */
export function wantedFeatures(needs: Needs): ModelFeature[] {
  return needs.features.map((one) => featureOf[one]);
}

let turn = 0;
/** Lists and ranks anew; what was known stays visible meanwhile, and a later question wins over an earlier one. */
export async function lookAtModels(machine: Machine | undefined, hasRocmImage: boolean): Promise<void> {
  const { needs, contextTokens, concurrency } = useModels.getState();
  if (!needs) return;
  turn += 1;
  const mine = turn;
  const page = {
    ...(needs.gitlabVersion !== undefined && { gitlab: needs.gitlabVersion }),
    ...(needs.users !== undefined && { users: needs.users }),
  };
  const wanted = { features: wantedFeatures(needs), contextTokens, concurrency, hasRocmImage };
  useModels.setState({ isLooking: true });
  try {
    const [all, ranked] = await Promise.all([
      core().models.list(page),
      machine && core().models.list({ ...page, ...wanted, machine }),
    ]);
    if (mine !== turn) return;
    const { shownId: shown, ranked: last } = useModels.getState();
    const chosenId = useWizard.getState().state?.answers.modelId;
    const [before, after] = [last, ranked].map((one) => one?.recommendation?.id);
    const shownId = shownAfter({ shownId: shown, chosenId, before, after });
    useModels.setState({ all, ranked, shownId, error: undefined, isLooking: false });
  } catch (error) {
    if (mine === turn) useModels.setState({ error: toShownError(error), isLooking: false });
  }
}
