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

/** A container image as registries name it, with a tag or a digest: `registry.gitlab.com/…/model-gateway:self-hosted-v18.9.0-ee`. */
export const imageReference = z
  .string()
  .max(400)
  .regex(
    /^[a-z0-9][a-z0-9._-]*(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
    'write the whole image name, as in registry.example/team/name:1.0',
  )
  .refine((text) => /:[^/]+$/.test(text), 'name a tag or a digest: what "latest" means changes');

/** Private IPv4 range of a container network, with room for at least five addresses. */
const subnet = z
  .string()
  .regex(
    /^(10\.\d{1,3}|172\.(1[6-9]|2\d|3[01])|192\.168)\.\d{1,3}\.\d{1,3}\/(1[6-9]|2[0-8])$/,
    'write a private range as in 172.31.255.0/28',
  )
  .refine((text) => isRangeStart(text), 'begin at the first address of the range, as in 172.31.255.0/28');

function isRangeStart(text: string): boolean {
  const [address = '', bits = ''] = text.split('/');
  const bytes = address.split('.').map(Number);
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return bytes.every((byte) => byte < 256) && value % 2 ** (32 - Number(bits)) === 0;
}

/** What one container may use; without a limit it may use what the machine has. */
const limits = {
  memoryGiB: z.number().min(0.0625).max(16_384).optional(),
  cpus: z.number().min(0.1).max(4096).optional(),
};

/** `auto` takes what the engine offers; `none` runs on the CPU. */
export const gpuChoice = z.enum(['auto', 'none', 'nvidia', 'cdi', 'amd']);

/** Options of vLLM that a site may set; what is left out vLLM decides itself. */
export const vllmOptions = z.strictObject({
  tensorParallel: z.int().min(1).max(64).optional(),
  pipelineParallel: z.int().min(1).max(64).optional(),
  gpuMemoryUtilization: z.number().min(0.05).max(0.99).optional(),
  maxNumSeqs: z.int().min(1).max(8192).optional(),
  maxNumBatchedTokens: z.int().min(256).max(1_048_576).optional(),
  /** Of vLLM, for agents and chat with tools: `mistral`, `llama3_json`, `hermes` … */
  toolCallParser: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_]{0,62}$/, "use the parser's name in vLLM, as in mistral")
    .optional(),
  /** Path of a Jinja file on this machine, for models that bring no chat template. */
  chatTemplate: z.string().min(1).max(4096).optional(),
  tokenizerMode: z.enum(['auto', 'mistral']).optional(),
  /** Lets vLLM run Python code that lies in the model's folder. The container has no way out; the code has the GPUs and the prompts. */
  trustRemoteCode: z.boolean().optional(),
  /** Row of the catalogue whose arguments vLLM gets, where `name` is no id of it. */
  catalogId: z
    .string()
    .max(200)
    .regex(/^[a-z0-9][a-z0-9.-]*$/, 'use an id that "sealift models" shows')
    .optional(),
});

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
    /** `simulated`: the stand-in, started by deploy. `existing`: a gateway that runs already. `container`: of `image`, made by deploy. */
    kind: z.enum(['simulated', 'existing', 'container']),
    /** The address of the gateway for GitLab; a container's ports are published on it, or on all addresses when it is a name. */
    host: z.string().max(253).default('127.0.0.1'),
    httpPort: port.default(5052),
    grpcPort: port.default(50_052),
    /** The gateway's image (container), imported before. */
    image: imageReference.optional(),
    /** Of the gateway's network (container); else a free one is taken. The front listens on its first address. */
    subnet: subnet.optional(),
    ...limits,
  }),
  model: z.strictObject({
    /**
     * `llamacpp`: a GGUF of the store in the embedded engine. `external`: an OpenAI-compatible server at `endpoint`.
     * `vllm`, `ollama`, `litellm-ollama` (17.x): containers of `image`, with a model of the store.
     */
    engine: z.enum(['llamacpp', 'external', 'vllm', 'ollama', 'litellm-ollama']),
    /** Name of an imported model (all but external). */
    name: slug,
    /** The model's name at `/v1/models`; GitLab gets `custom_openai/<servedName>`. */
    servedName: slug,
    family: modelFamily.default('GENERAL'),
    contextTokens: z.int().min(256).max(1_048_576).default(4096),
    threads: z.int().min(1).max(256).default(1),
    /** Base URL ending in /v1 (external). */
    endpoint: httpUrl.optional(),
    /** Image of vLLM or Ollama, imported before. */
    image: imageReference.optional(),
    /** Image of LiteLLM (litellm-ollama). */
    litellmImage: imageReference.optional(),
    gpu: gpuChoice.optional(),
    /** Of the network of a model server in containers; else a free one is taken. */
    subnet: subnet.optional(),
    ...limits,
    vllm: vllmOptions.optional(),
  }),
  /** The container engine's socket; default: DOCKER_HOST, else the usual one. */
  engineHost: z
    .string()
    .max(1024)
    .regex(/^unix:\/\/\/.+$/, 'write it as unix:///var/run/docker.sock')
    .optional(),
  /**
   * Where our server for the gateway listens. A gateway in a container cannot reach loopback: the front then listens on this
   * machine's address in the gateway's network instead.
   */
  front: z.strictObject({ host: z.string().max(253).default('127.0.0.1'), port: port.default(8000) }).prefault({}),
  features: z.array(duoFeature).min(1).default(['CODE_COMPLETIONS', 'CODE_GENERATIONS']),
});
export type SiteFile = z.infer<typeof siteFile>;
