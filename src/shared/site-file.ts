import { z } from 'zod';

/** Lower-case name of a site, a model in the store or a served model; safe as a file name. */
export const slug = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'use lower-case letters, digits, ".", "_" and "-"');
const port = z.int().min(1).max(65_535);
const httpUrl = z.url({ protocol: /^https?$/ }).max(2048);

/** GitLab's names for what a model can be assigned to (enum `AiFeatures`, 19.x); only these are offered. */
export const duoFeature = z.enum(['CODE_COMPLETIONS', 'CODE_GENERATIONS', 'DUO_CHAT', 'DUO_AGENT_PLATFORM']);
/** GitLab's model families (enum `AiAcceptedSelfHostedModels`, 19.x). */
export const modelFamily = z.enum([
  'MISTRAL',
  'LLAMA3',
  'CODEGEMMA',
  'CODESTRAL',
  'CODELLAMA',
  'DEEPSEEKCODER',
  'CLAUDE_3',
  'GPT',
  'MIXTRAL',
  'GENERAL',
  'GEMINI',
]);

/** `site.yaml`: the operator's answers. Holds no secrets. Unknown keys are refused. */
export const siteFile = z.strictObject({
  sealift: z.literal(1),
  name: slug,
  gitlab: z.strictObject({
    url: httpUrl,
    /** Major and minor, maybe patch: `18.9` or `18.9.1`. */
    version: z.string().regex(/^\d{2}\.\d{1,2}(\.\d{1,2})?$/, 'write it as 18.9 or 18.9.1'),
    /** True only for the stand-in that rehearsals use. Marked SIMULATED wherever it is shown. */
    simulated: z.boolean().default(false),
  }),
  gateway: z.strictObject({
    /** `simulated`: the stand-in, started by deploy. `existing`: a gateway that runs already. */
    kind: z.enum(['simulated', 'existing']),
    host: z.string().max(253).default('127.0.0.1'),
    httpPort: port.default(5052),
    grpcPort: port.default(50_052),
  }),
  model: z.strictObject({
    /** `llamacpp`: a GGUF of the store in the embedded engine. `external`: an OpenAI-compatible server at `endpoint`. */
    engine: z.enum(['llamacpp', 'external']),
    /** Name of an imported model (llamacpp). */
    name: slug,
    /** The model's name at `/v1/models`; GitLab gets `custom_openai/<servedName>`. */
    servedName: slug,
    family: modelFamily.default('GENERAL'),
    contextTokens: z.int().min(256).max(1_048_576).default(4096),
    threads: z.int().min(1).max(256).default(1),
    /** Base URL ending in /v1 (external). */
    endpoint: httpUrl.optional(),
  }),
  /** Where our server for the gateway listens. */
  front: z.strictObject({ host: z.string().max(253).default('127.0.0.1'), port: port.default(8000) }).prefault({}),
  features: z.array(duoFeature).min(1).default(['CODE_COMPLETIONS', 'CODE_GENERATIONS']),
});
export type SiteFile = z.infer<typeof siteFile>;
