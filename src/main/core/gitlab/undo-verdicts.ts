import { type Change, type FeatureChange, keyDigest, type ModelChange } from './apply-record.ts';
import { type FeatureProvider, featureProvider, type GraphqlModel } from './graphql-documents.ts';
import { featureNow, featureOf, featureText, type GitlabState, shown, shownKey } from './wanted-settings.ts';

/** The settings that GitLab has now, with all its models. */
export type PresentState = Omit<GitlabState, 'leftModels'> & {
  /** Whether GitLab lets a feature be set free again. */
  canUnassign: boolean;
};

/** What undo does about one change. `freed`: GitLab does it when it deletes the model. */
export interface Verdict {
  change: Change;
  setting: string;
  /** Texts without secrets; `null` means "not set". */
  now: string | null;
  before: string | null;
  is: 'as-before' | 'put-back' | 'freed' | 'left';
  /** Why it is left. */
  why?: string;
}

/** Returns the name of what was changed, as rows of apply begin. */
export function changeName(change: Change): string {
  if (change.kind === 'setting') return `duoSettings.${change.field}`;
  return change.kind === 'model' ? `model ${change.name}` : `feature ${change.feature}`;
}

/** Returns the value before apply as a text. */
export function beforeText(change: Change): string | null {
  if (change.kind === 'setting') return shown(change.before);
  if (change.kind === 'feature') return change.before && featureText(change.before.provider, change.before.modelName);
  return change.before && modelText({ ...change.before, name: change.name, model: change.before.family });
}

/** Returns a model's values as one text, without its key. */
export function modelText(model: Pick<GraphqlModel, 'name' | 'model' | 'endpoint' | 'identifier'>): string {
  return `${model.name}: ${model.model.toUpperCase()} ${model.endpoint} ${model.identifier || '(no identifier)'}`;
}

/** Returns the provider that a feature had, if the API can set it. */
export function settableProvider(
  { before }: FeatureChange,
  { canUnassign }: PresentState,
): FeatureProvider | undefined {
  const provider = featureProvider.safeParse(before?.provider.toUpperCase()).data;
  return provider === 'UNASSIGNED' && !canUnassign ? undefined : provider;
}

/** Returns the model that a change is about as GitLab has it now. */
export function modelNow({ before, id, name }: ModelChange, { models }: PresentState): GraphqlModel | undefined {
  const known = before?.id ?? id;
  return models.find((one) => (known === undefined ? one.name === name : one.id === known));
}

/**
 * Judges each change against GitLab's present settings: only what is still as apply set it is put back. `tried` holds what undo
 * already asked for, with GitLab's words if it refused.
 */
export function undoVerdicts(
  changes: Change[],
  state: PresentState,
  tried: ReadonlyMap<Change, string> = new Map(),
): Verdict[] {
  const judged = changes.map((change) => ownVerdict(change, state, tried.get(change)));
  const frees = new Map(judged.filter(isDeletion).map((one) => [one.change, otherUsers(one.change, judged, state)]));
  const deleted = [...frees].filter(([, users]) => users.length === 0).map(([change]) => modelNow(change, state)?.id);
  return judged.map((one): Verdict => {
    if (isDeletion(one)) {
      const users = frees.get(one.change) ?? [];
      return users.length === 0 ? one : { ...one, is: 'left', why: `${users.join(', ')} uses it` };
    }
    const user = one.change.kind === 'feature' ? featureOf(state.features, one.change.feature) : undefined;
    if (one.is !== 'freed' || deleted.includes(user?.selfHostedModel?.id)) return one;
    return { ...one, is: 'left', why: `GitLab's API cannot set ${one.before ?? 'what it did not list before'}` };
  });
}

function ownVerdict(change: Change, state: PresentState, refusal: string | undefined): Verdict {
  const [now, before] = [nowText(change, state), beforeText(change)];
  const row = { change, setting: changeName(change), now, before };
  const left = (why: string): Verdict => ({ ...row, is: 'left', why });
  if (isAsBefore(change, state, now, before)) return { ...row, is: 'as-before' };
  if (refusal !== undefined) return left(refusal || 'it was put back, but GitLab shows another value');
  if (now === null) return left('it is gone since apply');
  if (!change.set.includes(now) || !hasOwnKey(change, state)) return left('it was changed since apply');
  if (change.kind === 'setting' && change.before === null && !change.field.endsWith('Url'))
    return left("GitLab's API cannot unset it");
  if (change.kind !== 'feature') return { ...row, is: 'put-back' };
  const modelId = change.before?.modelId;
  if (modelId !== undefined && !state.models.some((one) => one.id === modelId)) return left('its former model is gone');
  const provider = settableProvider(change, state);
  const isSettable = provider === 'SELF_HOSTED' ? modelId !== undefined : provider;
  return { ...row, is: isSettable ? 'put-back' : 'freed' };
}

function nowText(change: Change, state: PresentState): string | null {
  if (change.kind === 'setting') return shown(state.duoSettings[change.field]);
  if (change.kind === 'feature') return featureNow(state.features, change.feature);
  const model = modelNow(change, state);
  return model ? modelText(model) : null;
}

function isAsBefore(change: Change, state: PresentState, now: string | null, before: string | null): boolean {
  if (now !== before) return false;
  // A model that had no key before has one now.
  return change.kind !== 'model' || !change.before || change.before.hadKey || !modelNow(change, state)?.hasApiToken;
}

/** False where GitLab shows that the model's key was replaced or removed since apply. */
function hasOwnKey(change: Change, state: PresentState): boolean {
  const model = change.kind === 'model' ? modelNow(change, state) : undefined;
  if (change.kind !== 'model' || !model) return true;
  const key = model.hasApiToken ? shownKey(model) : '';
  return key === undefined || change.keys.includes(keyDigest(key));
}

function isDeletion(one: Verdict): one is Verdict & { change: ModelChange } {
  return one.change.kind === 'model' && !one.change.before && one.is === 'put-back';
}

/** The features that would still use a model when everything else is put back. */
function otherUsers(change: ModelChange, judged: Verdict[], state: PresentState): string[] {
  const id = modelNow(change, state)?.id;
  return state.features
    .filter((one) => one.selfHostedModel?.id === id)
    .map((one) => `feature ${one.feature.toUpperCase()}`)
    .filter((name) => !judged.some((one) => one.setting === name && ['put-back', 'freed'].includes(one.is)));
}
