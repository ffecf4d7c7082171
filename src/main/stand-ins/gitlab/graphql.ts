import { z } from 'zod';
import { type GitlabVersion, isWithin, parseGitlabVersion } from '../../core/catalog/gitlab-version.ts';
import type { DuoField } from '../../core/gitlab/eras-catalog.ts';
import {
  connectionCheck,
  duoSettingsQuery,
  duoSettingsUpdate,
  type FeatureProvider,
  featureProvider,
  featuresQuery,
  featureUpdate,
  type GraphqlOperation,
  metadataQuery,
  modelCreate,
  modelDelete,
  modelsQuery,
  modelUpdate,
  providersQuery,
} from '../../core/gitlab/graphql-documents.ts';
import { checkConnection } from './connection-check.ts';
import { featureRules } from './feature-rules.ts';
import { assignFeatures, changeDuoSettings, deleteModel, modelErrors, saveModel, unsavedModel } from './settings.ts';
import type { GitlabModel, GitlabState } from './state.ts';

/** What answering a request needs. */
export interface GraphqlContext {
  state: GitlabState;
  instance: { url: string; version: string };
  requestId: string;
}

interface Known {
  document: string;
  run(variables: unknown, context: GraphqlContext): Promise<unknown>;
}

const requestBody = z.object({
  operationName: z.string().max(100).optional(),
  query: z.string().max(20_000),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * Answers one GraphQL request. This is not a GraphQL engine: it knows exactly the documents that Sealift sends, by their
 * operation names, if the simulated version has their fields, and refuses every other document with a GraphQL error.
 */
export async function answerGraphql(body: unknown, context: GraphqlContext): Promise<unknown> {
  const request = requestBody.safeParse(body);
  if (!request.success) return refused('this is not a GraphQL request');
  const { operationName = '', query, variables } = request.data;
  const known = operations(context.instance.version).get(operationName);
  if (known?.document !== query) return refused(`the simulated GitLab does not know the operation "${operationName}"`);
  return known.run(variables ?? {}, context);
}

function refused(message: string): unknown {
  return { errors: [{ message: `SIMULATED: ${message}` }] };
}

const fieldsSince: [DuoField, string][] = [
  ['aiGatewayUrl', '17.9'],
  ['duoAgentPlatformServiceUrl', '18.4'],
  ['selfHostedDuoAgentPlatformServiceSecure', '18.4'],
  ['aiGatewayTimeoutSeconds', '18.7'],
];

function operations(version: string): Map<string, Known> {
  const parsed = parseGitlabVersion(version);
  const fields = fieldsSince.filter(([, from]) => isWithin(parsed, { from })).map(([field]) => field);
  const list: [string, Known][] = [
    known(metadataQuery, async (_, { instance }) => ({ metadata: { version: instance.version } })),
    known(duoSettingsQuery(fields), async (_, { state }) => ({ duoSettings: state.duoSettings })),
    known(duoSettingsUpdate(fields), async ({ input }, { state }) => {
      const errors = changeDuoSettings(state, definedOnly(input));
      return { duoSettingsUpdate: { duoSettings: state.duoSettings, errors } };
    }),
    known(modelsQuery, async (_, { state }) => ({ aiSelfHostedModels: { nodes: state.models.map(shownModel) } })),
    known(modelCreate, async ({ input }, { state }) => {
      const { model, errors } = saveModel(state, input);
      return { aiSelfHostedModelCreate: { selfHostedModel: model ? shownModel(model) : null, errors } };
    }),
    known(modelUpdate, async ({ input: { id, ...input } }, { state }) => {
      const { model, errors } = saveModel(state, input, id);
      return { aiSelfHostedModelUpdate: { selfHostedModel: model ? shownModel(model) : null, errors } };
    }),
    known(modelDelete, async ({ input }, { state }) => ({
      aiSelfHostedModelDelete: { errors: deleteModel(state, input.id) },
    })),
    known(connectionCheck, async ({ input }, { state, instance, requestId }) => {
      const errors = modelErrors({ ...state, models: [] }, input);
      const result = errors.length > 0 ? null : await checkConnection(state, instance, unsavedModel(input), requestId);
      return { aiSelfHostedModelConnectionCheck: { result, errors } };
    }),
    known(featuresQuery, async (_, { state }) => ({ aiFeatureSettings: { nodes: shownFeatures(state) } })),
    known(providersQuery, async () => ({
      __type: { enumValues: providersOf(parsed).map((name) => ({ name })) },
    })),
    known(featureUpdate, async ({ input }, { state }) => ({
      aiFeatureSettingUpdate: { errors: assignFeatures(state, input) },
    })),
  ];
  return new Map(list);
}

/* The source of 19.x has the last one; nothing is known of earlier versions. */
function providersOf(version: GitlabVersion): FeatureProvider[] {
  return isWithin(version, { from: '19.0' })
    ? featureProvider.options
    : featureProvider.exclude(['UNASSIGNED']).options;
}

function known<V, D>(
  operation: GraphqlOperation<V, D>,
  run: (variables: V, context: GraphqlContext) => Promise<D>,
): [string, Known] {
  return [
    operation.name,
    {
      document: operation.document,
      run: async (variables, context) => {
        const checked = operation.variables.safeParse(variables);
        if (!checked.success) return refused(`invalid variables: ${z.prettifyError(checked.error).slice(0, 500)}`);
        return { data: await run(checked.data, context) };
      },
    },
  ];
}

function definedOnly<T extends object>(input: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function shownModel(model: GitlabModel) {
  return { ...model, model: model.model.toLowerCase(), hasApiToken: model.apiToken !== null };
}

function shownFeatures(state: GitlabState) {
  return Object.entries(featureRules).map(([feature, { title }]) => {
    const setting = state.features[feature];
    const model = state.models.find((one) => one.id === setting?.modelId);
    return {
      feature: feature.toLowerCase(),
      title,
      provider: setting?.provider ?? 'unassigned',
      selfHostedModel: model ? { id: model.id, name: model.name } : null,
    };
  });
}
