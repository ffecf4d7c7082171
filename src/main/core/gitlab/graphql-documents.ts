import { z } from 'zod';
import { duoFeature, siteFamily } from '../../../shared/site-file.ts';
import type { DuoField } from './eras-catalog.ts';

/** One GraphQL operation: its document, variables and answer. Names and fields are those of GitLab 18.4 to 19.x. */
export interface GraphqlOperation<V, D> {
  name: string;
  document: string;
  variables: z.ZodType<V>;
  data: z.ZodType<D>;
}

const text = z.string().max(4096);
const errors = z.array(text).max(100);
const noVariables = z.strictObject({});

function operation<V, D>(name: string, document: string, variables: z.ZodType<V>, data: z.ZodType<D>) {
  return { name, document, variables, data } satisfies GraphqlOperation<V, D>;
}

const duoSettings = z.object({
  aiGatewayUrl: text.nullish(),
  duoAgentPlatformServiceUrl: text.nullish(),
  selfHostedDuoAgentPlatformServiceSecure: z.boolean().nullish(),
  aiGatewayTimeoutSeconds: z.int().nullish(),
});
const duoSettingsInput = z.strictObject({
  aiGatewayUrl: text.optional(),
  duoAgentPlatformServiceUrl: text.optional(),
  selfHostedDuoAgentPlatformServiceSecure: z.boolean().optional(),
  aiGatewayTimeoutSeconds: z.int().optional(),
});
/** A self-hosted model as GitLab returns it; `model` is the family in lower case. */
const graphqlModel = z.object({
  id: text,
  name: text,
  model: text,
  endpoint: text,
  identifier: text.nullish(),
  hasApiToken: z.boolean(),
  apiToken: text.nullish(),
});
const modelFields = 'id name model endpoint identifier hasApiToken apiToken';
/** Fields for creating or checking a self-hosted model. */
const modelInput = z.strictObject({
  name: text,
  model: siteFamily,
  endpoint: text,
  identifier: text.optional(),
  apiToken: text.optional(),
});
/** A feature as GitLab returns it, `feature` and `provider` in lower case. */
const graphqlFeature = z.object({
  feature: text,
  title: text.nullish(),
  provider: text,
  selfHostedModel: z.object({ id: text, name: text }).nullish(),
});
/** The providers that a feature can be given, the last not in every version: the schema says. GitLab has others, which it sets itself. */
export const featureProvider = z.enum(['SELF_HOSTED', 'DISABLED', 'VENDORED', 'UNASSIGNED']);
/** Result of GitLab's own check of a model. */
const connectionResult = z.object({
  success: z.boolean(),
  message: text.nullish(),
  errors: errors.nullish(),
});

export type DuoSettings = z.infer<typeof duoSettings>;
export type GraphqlModel = z.infer<typeof graphqlModel>;
export type GraphqlFeature = z.infer<typeof graphqlFeature>;
export type ModelInput = z.infer<typeof modelInput>;
export type FeatureProvider = z.infer<typeof featureProvider>;
export type ConnectionResult = z.infer<typeof connectionResult>;

/** Returns GitLab's version. */
export const metadataQuery = operation(
  'sealiftMetadata',
  'query sealiftMetadata { metadata { version } }',
  noVariables,
  z.object({ metadata: z.object({ version: text }) }),
);

/** Reads the Duo settings that this GitLab version has. */
export function duoSettingsQuery(fields: DuoField[]) {
  const document = `query sealiftDuoSettings { duoSettings { ${fields.join(' ')} } }`;
  return operation('sealiftDuoSettings', document, noVariables, z.object({ duoSettings: duoSettings.nullable() }));
}

/** Changes Duo settings and returns those that this GitLab version has. */
export function duoSettingsUpdate(fields: DuoField[]) {
  return operation(
    'sealiftDuoSettingsUpdate',
    `mutation sealiftDuoSettingsUpdate($input: DuoSettingsUpdateInput!) { duoSettingsUpdate(input: $input) { duoSettings { ${fields.join(' ')} } errors } }`,
    z.strictObject({ input: duoSettingsInput }),
    z.object({ duoSettingsUpdate: z.object({ duoSettings: duoSettings.nullish(), errors }) }),
  );
}

/** Lists the self-hosted models. */
export const modelsQuery = operation(
  'sealiftModels',
  `query sealiftModels { aiSelfHostedModels { nodes { ${modelFields} } } }`,
  noVariables,
  z.object({ aiSelfHostedModels: z.object({ nodes: z.array(graphqlModel).max(1000) }).nullable() }),
);

/** Creates a self-hosted model. */
export const modelCreate = operation(
  'sealiftModelCreate',
  `mutation sealiftModelCreate($input: AiSelfHostedModelCreateInput!) { aiSelfHostedModelCreate(input: $input) { selfHostedModel { ${modelFields} } errors } }`,
  z.strictObject({ input: modelInput }),
  z.object({ aiSelfHostedModelCreate: z.object({ selfHostedModel: graphqlModel.nullish(), errors }) }),
);

/** Changes a self-hosted model. */
export const modelUpdate = operation(
  'sealiftModelUpdate',
  `mutation sealiftModelUpdate($input: AiSelfHostedModelUpdateInput!) { aiSelfHostedModelUpdate(input: $input) { selfHostedModel { ${modelFields} } errors } }`,
  // A family that GitLab had before need not be one that a site can name.
  z.strictObject({ input: modelInput.extend({ id: text, model: text }) }),
  z.object({ aiSelfHostedModelUpdate: z.object({ selfHostedModel: graphqlModel.nullish(), errors }) }),
);

/** Removes a self-hosted model. */
export const modelDelete = operation(
  'sealiftModelDelete',
  'mutation sealiftModelDelete($input: AiSelfHostedModelDeleteInput!) { aiSelfHostedModelDelete(input: $input) { errors } }',
  z.strictObject({ input: z.strictObject({ id: text }) }),
  z.object({ aiSelfHostedModelDelete: z.object({ errors }) }),
);

/** Makes GitLab test a model through its gateway, without saving anything. */
export const connectionCheck = operation(
  'sealiftConnectionCheck',
  'mutation sealiftConnectionCheck($input: AiSelfHostedModelConnectionCheckInput!) { aiSelfHostedModelConnectionCheck(input: $input) { result { success message errors } errors } }',
  z.strictObject({ input: modelInput }),
  z.object({ aiSelfHostedModelConnectionCheck: z.object({ result: connectionResult.nullish(), errors }) }),
);

/** Lists the model assigned to each feature. */
export const featuresQuery = operation(
  'sealiftFeatures',
  'query sealiftFeatures { aiFeatureSettings { nodes { feature title provider selfHostedModel { id name } } } }',
  noVariables,
  z.object({ aiFeatureSettings: z.object({ nodes: z.array(graphqlFeature).max(1000) }).nullable() }),
);

/** Asks the schema which providers a feature can be given. */
export const providersQuery = operation(
  'sealiftProviders',
  'query sealiftProviders { __type(name: "AiFeatureProviders") { enumValues { name } } }',
  noVariables,
  z.object({
    __type: z
      .object({
        enumValues: z
          .array(z.object({ name: text }))
          .max(100)
          .nullish(),
      })
      .nullish(),
  }),
);

/** Assigns a model to features, or disables them. */
export const featureUpdate = operation(
  'sealiftFeatureUpdate',
  'mutation sealiftFeatureUpdate($input: AiFeatureSettingUpdateInput!) { aiFeatureSettingUpdate(input: $input) { errors } }',
  z.strictObject({
    input: z.strictObject({
      features: z.array(duoFeature).min(1),
      provider: featureProvider,
      aiSelfHostedModelId: text.optional(),
    }),
  }),
  z.object({ aiFeatureSettingUpdate: z.object({ errors }) }),
);
