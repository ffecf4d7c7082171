import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { simulatedHeader } from '../http/simulated-header.ts';
import type { DuoField } from './eras-catalog.ts';
import {
  type DuoSettings,
  duoSettingsQuery,
  duoSettingsUpdate,
  type FeatureProvider,
  featuresQuery,
  featureUpdate,
  type GraphqlFeature,
  type GraphqlModel,
  type GraphqlOperation,
  type ModelInput,
  metadataQuery,
  modelCreate,
  modelDelete,
  modelsQuery,
  modelUpdate,
  providersQuery,
} from './graphql-documents.ts';
import { type GitlabTarget, type GraphqlAnswer, postGraphql } from './post-graphql.ts';

/**
 * GitLab's settings over GraphQL. Every method throws `gitlab.unreachable`, `gitlab.token-refused`, `gitlab.bad-answer`
 * or `gitlab.refused`; errors never contain the token. After the first answer, `isSimulated` is true if a stand-in answered.
 */
export class GitlabClient {
  isSimulated = false;
  readonly #target: GitlabTarget;

  constructor(target: GitlabTarget) {
    this.#target = target;
  }

  async version(): Promise<string> {
    return (await this.#ask(metadataQuery, {})).metadata.version;
  }

  async duoSettings(fields: DuoField[]): Promise<DuoSettings> {
    return this.#present('duoSettings', (await this.#ask(duoSettingsQuery(fields), {})).duoSettings);
  }

  async updateDuoSettings(
    fields: DuoField[],
    input: Partial<Record<DuoField, string | number | boolean>>,
  ): Promise<void> {
    const operation = duoSettingsUpdate(fields);
    const variables = operation.variables.parse({ input });
    this.#done('duoSettingsUpdate', (await this.#ask(operation, variables)).duoSettingsUpdate.errors);
  }

  async models(): Promise<GraphqlModel[]> {
    return this.#present('aiSelfHostedModels', (await this.#ask(modelsQuery, {})).aiSelfHostedModels).nodes;
  }

  async createModel(input: ModelInput): Promise<void> {
    const { aiSelfHostedModelCreate: made } = await this.#ask(modelCreate, { input });
    this.#done('aiSelfHostedModelCreate', made.errors);
  }

  /** The key stays as it is where `input` has none; an empty one removes it. */
  async updateModel(id: string, input: Omit<ModelInput, 'model'> & { model: string }): Promise<void> {
    const { aiSelfHostedModelUpdate: changed } = await this.#ask(modelUpdate, { input: { ...input, id } });
    this.#done('aiSelfHostedModelUpdate', changed.errors);
  }

  async deleteModel(id: string): Promise<void> {
    const { aiSelfHostedModelDelete: gone } = await this.#ask(modelDelete, { input: { id } });
    this.#done('aiSelfHostedModelDelete', gone.errors);
  }

  async features(): Promise<GraphqlFeature[]> {
    return this.#present('aiFeatureSettings', (await this.#ask(featuresQuery, {})).aiFeatureSettings).nodes;
  }

  /** Whether this GitLab lets a feature be set free again. False also where its schema does not say. */
  async canUnassign(): Promise<boolean> {
    const { __type: type } = await this.#ask(providersQuery, {});
    return type?.enumValues?.some(({ name }) => name === 'UNASSIGNED') ?? false;
  }

  async assign(features: SiteFile['features'], modelId: string): Promise<void> {
    await this.setProvider(features, 'SELF_HOSTED', modelId);
  }

  async setProvider(features: SiteFile['features'], provider: FeatureProvider, modelId?: string): Promise<void> {
    const input = { features, provider, ...(modelId !== undefined && { aiSelfHostedModelId: modelId }) };
    this.#done('aiFeatureSettingUpdate', (await this.#ask(featureUpdate, { input })).aiFeatureSettingUpdate.errors);
  }

  async #ask<V, D>(operation: GraphqlOperation<V, D>, variables: V): Promise<D> {
    const answer = await postGraphql(this.#target, operation, variables);
    if (answer.http.kind === 'answer' && answer.http.headers[simulatedHeader]) this.isSimulated = true;
    if (answer.data !== undefined) return answer.data;
    throw this.#error(operation.name, answer);
  }

  #present<T>(what: string, value: T | null): T {
    // GitLab answers null, without an error, if the user may not see it.
    if (value === null) this.#done(what, ['not visible for this token']);
    return value as T;
  }

  #done(operation: string, errors: string[]): void {
    if (errors.length > 0) throw appError('gitlab.refused', { operation, errors, what: this.#what });
  }

  get #what(): string {
    return this.isSimulated ? 'The simulated GitLab (SIMULATED)' : 'GitLab';
  }

  #error(operation: string, { http, problem }: GraphqlAnswer<unknown>) {
    const { url } = this.#target;
    const what = this.#what;
    const lines = problem?.lines.map((line) => line.slice(0, 500)) ?? [];
    if (http.kind === 'failure')
      return appError('gitlab.unreachable', { url, failure: `${http.failure}, ${http.detail}`, what });
    if (http.status === 401 || http.status === 403)
      return appError('gitlab.token-refused', { url, status: http.status, what });
    if (problem?.kind === 'graphql') return appError('gitlab.refused', { operation, errors: lines, what });
    const place = http.headers.location ? ` (redirect to ${http.headers.location.slice(0, 200)})` : '';
    return appError('gitlab.bad-answer', { url, problem: `${lines.join('; ')}${place}`, what });
  }
}
