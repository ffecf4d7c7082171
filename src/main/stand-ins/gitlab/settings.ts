import type { ModelInput } from '../../core/gitlab/graphql-documents.ts';
import { featureRules } from './feature-rules.ts';
import type { GitlabModel, GitlabState } from './state.ts';

const idPrefix = 'gid://gitlab/Ai::SelfHostedModel/';

/** A model as it is saved; one that is changed back may have a family that no site can name. */
type SavedModel = Omit<ModelInput, 'model'> & { model: string };

/** Changes Duo settings; returns the errors that GitLab would and changes nothing when there are any. */
export function changeDuoSettings(state: GitlabState, input: Partial<GitlabState['duoSettings']>): string[] {
  const next = { ...state.duoSettings, ...input };
  next.aiGatewayUrl = next.aiGatewayUrl?.replace(/\/$/, '') || null;
  next.duoAgentPlatformServiceUrl = next.duoAgentPlatformServiceUrl?.replace(/\/$/, '') || null;
  const errors: string[] = [];
  if (next.aiGatewayUrl && !isHttpUrl(next.aiGatewayUrl))
    errors.push('Ai gateway url must be a valid http or https URL');
  // The real GitLab refuses loopback addresses too, but the rehearsal runs on 127.0.0.1.
  else if (next.aiGatewayUrl && new URL(next.aiGatewayUrl).hostname === 'localhost')
    errors.push('Ai gateway url is blocked: Requests to localhost are not allowed');
  if (next.aiGatewayTimeoutSeconds < 60 || next.aiGatewayTimeoutSeconds > 600)
    errors.push('Ai gateway timeout seconds must be between 60 and 600');
  if (errors.length === 0) state.duoSettings = next;
  return errors;
}

/** Creates a model (no `id`) or changes one; returns it, or the errors that GitLab would. */
export function saveModel(
  state: GitlabState,
  input: SavedModel,
  id?: string,
): { model?: GitlabModel; errors: string[] } {
  const present = id === undefined ? undefined : state.models.find((one) => one.id === id);
  if (id !== undefined && !present) return { errors: [`The model ${id} does not exist`] };
  const errors = modelErrors(state, input, id);
  if (errors.length > 0) return { errors };
  const model = present ?? newModel(state);
  model.name = input.name;
  model.model = input.model;
  model.endpoint = input.endpoint.replace(/\/$/, '');
  model.identifier = input.identifier ?? model.identifier;
  model.apiToken = (input.apiToken ?? model.apiToken) || null;
  return { model, errors };
}

/** A model that is checked and not saved. */
export function unsavedModel(input: ModelInput): GitlabModel {
  const { name, model, endpoint } = input;
  return { id: '', name, model, endpoint, identifier: input.identifier ?? null, apiToken: input.apiToken ?? null };
}

/** Removes a model and frees its features. */
export function deleteModel(state: GitlabState, id: string): string[] {
  if (!state.models.some((one) => one.id === id)) return [`The model ${id} does not exist`];
  state.models = state.models.filter((one) => one.id !== id);
  for (const [feature, setting] of Object.entries(state.features))
    if (setting.modelId === id) delete state.features[feature];
  return [];
}

/** Assigns features; returns the errors that GitLab would and changes nothing when there are any. */
export function assignFeatures(
  state: GitlabState,
  input: { features: string[]; provider: string; aiSelfHostedModelId?: string | undefined },
): string[] {
  const model = state.models.find((one) => one.id === input.aiSelfHostedModelId);
  const isOwn = input.provider === 'SELF_HOSTED';
  if (isOwn && !model) return ["Self hosted model can't be blank"];
  const errors = input.features.flatMap((feature) => {
    const rule = featureRules[feature];
    const fits = !isOwn || !model || rule?.families.includes(model.model);
    return fits ? [] : [`${model?.model} is incompatible with the ${rule?.title ?? feature} feature`];
  });
  if (errors.length > 0) return errors;
  for (const feature of input.features) {
    if (input.provider === 'UNASSIGNED') delete state.features[feature];
    else
      state.features[feature] = { provider: input.provider.toLowerCase(), modelId: isOwn ? (model?.id ?? null) : null };
  }
  return [];
}

/** Returns the self-hosted model that serves a feature, if any. */
export function modelFor(state: GitlabState, feature: string): GitlabModel | undefined {
  const setting = state.features[feature];
  return setting?.provider === 'self_hosted' ? state.models.find((one) => one.id === setting.modelId) : undefined;
}

/** Returns why a model cannot be saved. */
export function modelErrors(state: GitlabState, input: SavedModel, id?: string): string[] {
  const errors: string[] = [];
  if (input.name.trim() === '') errors.push("Name can't be blank");
  if (state.models.some((one) => one.name === input.name && one.id !== id)) errors.push('Name has already been taken');
  if (!isHttpUrl(input.endpoint) || input.endpoint.length > 2048) errors.push('Endpoint must be a valid URL');
  if ((input.identifier ?? '').length > 255) errors.push('Identifier is too long (maximum is 255 characters)');
  return errors;
}

function newModel(state: GitlabState): GitlabModel {
  const id = `${idPrefix}${state.nextModelId}`;
  const model: GitlabModel = { id, name: '', model: '', endpoint: '', identifier: null, apiToken: null };
  state.nextModelId += 1;
  state.models.push(model);
  return model;
}

function isHttpUrl(text: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol) && text.length <= 2048;
  } catch {
    return false;
  }
}
