import { z } from 'zod';
import type { ModelFeature } from './contract/models.ts';

/** The features of GitLab Duo as people write them in YAML and on the command line, with their names in the catalogue. */
export const featureNames = {
  'code-completion': 'codeCompletion',
  'code-generation': 'codeGeneration',
  chat: 'chat',
  'agent-platform': 'agentPlatform',
} as const satisfies Record<string, ModelFeature>;
export type FeatureName = keyof typeof featureNames;
/** Such a name. */
export const featureName = z.enum(Object.keys(featureNames) as [FeatureName, ...FeatureName[]]);

/** The ways to serve models that a site may ask for; `none`: another model server exists. */
export const neededEngine = z.enum(['vllm', 'llamacpp', 'ollama', 'litellm-ollama', 'none']);

/** A GitLab version in YAML, where quotes keep 18.10 from becoming 18.1. */
export const quotedVersion = z
  .string('put the version in quotes, as in "18.10"; without them YAML reads it as a number')
  .min(1)
  .max(50);

/** What a site is, from which Sealift works out what a bundle for it must hold. */
export const siteNeeds = z
  .strictObject({
    gitlab: quotedVersion.describe('GitLab version of the site, as in "18.9".'),
    engine: neededEngine.describe(
      'Model server: vllm, llamacpp (built into Sealift), ollama, litellm-ollama, or none for an existing one.',
    ),
    features: z.array(featureName).max(4).default([]).describe('Features of GitLab Duo that the models must serve.'),
    users: z.int().min(1).max(100_000).optional().describe('People who will use it: sets the concurrent requests.'),
    models: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9.-]{0,100}$/, 'use an id that `sealift models` lists'))
      .min(1)
      .max(4)
      .optional()
      .describe('Ids of models. Without them, the best one that fits the machine of --for readiness.json.'),
    fips: z.boolean().default(false).describe("Whether to take the AI Gateway's FIPS image."),
  })
  .describe('What the site is. Sealift works out the models and images that it needs.');
export type SiteNeeds = z.infer<typeof siteNeeds>;
