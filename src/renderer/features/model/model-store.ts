import { create } from 'zustand';
import type { Verdict } from '../../../shared/contract/estimate.ts';
import type { contract } from '../../../shared/contract/index.ts';
import type { ModelFeature } from '../../../shared/contract/models.ts';
import type { WizardAnswers } from '../../../shared/contract/wizard.ts';
import { usualNeeds } from '../../../shared/estimate/plan-model.ts';
import { catalogueFeature } from '../../../shared/feature-labels.ts';
import type { Machine } from '../../../shared/machine.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { core } from '../../state/core.ts';
import { useHello } from '../../state/hello.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { answer, useWizard } from '../../state/wizard.ts';
import { choiceOf, contextFor, shownAfter } from './model-choice.ts';

/** The core's list of models. */
export type Listed = OutputOf<(typeof contract)['models']['list']>;
/** One model in the list. */
export type Model = Listed['models'][number];
/** What a person needs from a model. */
export type Needs = Pick<WizardAnswers, 'gitlabVersion' | 'features' | 'users'>;

interface ModelState {
  /** Undefined until earlier answers are loaded. */
  needs?: Needs;
  contextTokens: number;
  concurrency: number;
  /** The model whose memory use is shown. */
  shownId?: string | undefined;
  /** The models to compare, in the order they were selected. */
  compared: string[];
  /** All models in GitLab's list, without verdicts. */
  all?: Listed;
  /** The models with the features needed, best first. Undefined until this machine has been checked. */
  ranked?: Listed | undefined;
  error?: ShownError | undefined;
  isLooking: boolean;
}

/** State of the Model screen. Only a choice is saved, not what is merely shown. */
export const useModels = create<ModelState>(() => ({ ...usualNeeds, compared: [], isLooking: false }));

/** Starts with earlier answers. Further calls do nothing. */
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

/** Changes the needs, and saves them if this window may write. */
export function want(change: Partial<Needs>): void {
  useModels.setState(({ needs }) => ({ needs: { features: [], ...needs, ...change } }));
  if (!useHello.getState().hello?.mayWrite) return;
  const set = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const clear = (['gitlabVersion', 'users'] as const).filter((one) => one in change && change[one] === undefined);
  void answer(set, clear);
}

/** Saves the choice of a model: the numbers shown, the verdict, and what was recommended. */
export function choose(
  { id, size }: Model,
  verdict: Verdict | undefined,
  { overrides = {}, reason }: { overrides?: Record<string, string> | undefined; reason?: string },
): void {
  const { contextTokens, concurrency, ranked } = useModels.getState();
  const recommendedId = ranked?.recommendation?.id;
  const numbers = { contextTokens: contextFor(size, contextTokens), concurrency };
  const { set, clear } = choiceOf({ modelId: id, ...numbers, verdict, recommendedId, overrides, reason });
  void answer(set, clear);
}

/** Adds a model to the comparison, or removes it. */
export function compare(modelId: string, isWanted: boolean): void {
  useModels.setState(({ compared }) => {
    const others = compared.filter((one) => one !== modelId);
    return { compared: isWanted ? [...others, modelId] : others };
  });
}

/** Returns the catalogue's names of the features needed. */
export function wantedFeatures(needs: Needs): ModelFeature[] {
  return needs.features.map((one) => catalogueFeature[one]);
}

let turn = 0;
/** Lists and ranks the models again. The previous list stays visible meanwhile, and only the result of the latest call is used. */
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
