import { z } from 'zod';
import { imageReference } from './image-reference.ts';
import { vllmOptions } from './vllm-options.ts';

/** Lower-case name of a site, a model in the store or a served model; safe as a file name. */
export const slug = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'use lower-case letters, digits, ".", "_" and "-"');
const port = z.int().min(1).max(65_535);
const filePath = z
  .string()
  .max(4096)
  .regex(/^(\/|[A-Za-z]:[\\/])/, 'write the whole path, as in /etc/ssl/own-ca.pem');
const httpUrl = z.url({ protocol: /^https?$/ }).max(2048);

/** Where the key of somebody else's model server is; never the key itself. */
export const keySource = z.union([
  /** A file with the key on one line. */
  z.strictObject({ file: filePath }),
  /** A variable in the environment of deploy and start. A service that systemd starts must get it from its unit. */
  z.strictObject({
    variable: z
      .string()
      .max(128)
      .regex(/^SEALIFT_[A-Z0-9_]+$/, 'use a name that begins with SEALIFT_, which the service keeps'),
  }),
]);
export type KeySource = z.infer<typeof keySource>;

/** GitLab's names for the features that a model can be assigned to (enum `AiFeatures`, 19.x); only these are offered. */
export const duoFeature = z.enum(['CODE_COMPLETIONS', 'CODE_GENERATIONS', 'DUO_CHAT', 'DUO_AGENT_PLATFORM']);
/** How GitLab is installed, which decides how its commands are run and where its settings are. */
export const gitlabInstallation = z.enum(['linux-package', 'docker', 'helm', 'source']);
export type GitlabInstallation = z.infer<typeof gitlabInstallation>;
/** Who runs the gateway: a stand-in, somebody else, or Sealift in a container. */
export const gatewayKind = z.enum(['simulated', 'existing', 'container']);
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

/** Finer families of GitLab 17.3 and 17.4, which went away in 17.5. */
const earlyFamily = z.enum([
  'CODEGEMMA_2B',
  'CODEGEMMA_7B',
  'CODELLAMA_13B_CODE',
  'MIXTRAL_8X22B',
  'MISTRAL_TEXT',
  'MIXTRAL_TEXT',
  'MIXTRAL_8X22B_TEXT',
]);
/** Every family that some GitLab version knows. */
export const siteFamily = z.enum([...modelFamily.options, ...earlyFamily.options]);

/** Private IPv4 range of a container network, with room for at least five addresses. */
const subnet = z
  .string()
  .regex(
    /^(10\.\d{1,3}|172\.(1[6-9]|2\d|3[01])|192\.168)\.\d{1,3}\.\d{1,3}\/(1[6-9]|2[0-8])$/,
    'write a private range, as in 172.31.255.0/28',
  )
  .refine((text) => isRangeStart(text), 'start at the first address of the range, as in 172.31.255.0/28');

function isRangeStart(text: string): boolean {
  const [address = '', bits = ''] = text.split('/');
  const bytes = address.split('.').map(Number);
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return bytes.every((byte) => byte < 256) && value % 2 ** (32 - Number(bits)) === 0;
}

/** Limits of one container; without a limit it may use everything the machine has. */
const limits = {
  memoryGiB: z.number().min(0.0625).max(16_384).optional(),
  cpus: z.number().min(0.1).max(4096).optional(),
};

/** `auto` uses what the engine offers; `none` runs on the CPU. */
export const gpuChoice = z.enum(['auto', 'none', 'nvidia', 'cdi', 'amd']);

/** What AWS Bedrock asks of the gateway's container. Without keys it uses the role of its machine, from GitLab 19.0. */
const awsAccess = z.strictObject({
  region: z.string().regex(/^[a-z0-9-]{1,40}$/, 'write a region, as in eu-central-1'),
  accessKeyId: keySource.optional(),
  secretAccessKey: keySource.optional(),
  /** A Bedrock API key, instead of the two keys of an IAM user (from GitLab 19.0). */
  apiKey: keySource.optional(),
  /** The address of a private endpoint in your VPC (from GitLab 18.0). */
  runtimeEndpoint: httpUrl.optional(),
});

/** What Google Vertex AI asks of the gateway's container. Without a file it uses the service account of its machine. */
const googleAccess = z.strictObject({
  project: z.string().regex(/^[a-z0-9:.-]{1,100}$/, 'write the ID of the project'),
  location: z.string().regex(/^[a-z0-9-]{1,40}$/, 'write a location, as in europe-west1 or global'),
  /** The credentials of a service account, as JSON. */
  credentialsFile: filePath.optional(),
});

/** One model of a site and the server that serves it. */
const siteModel = z.strictObject({
  /**
   * `llamacpp`: a GGUF from the store in the embedded engine. `external`: an OpenAI-compatible server at `endpoint`.
   * `vllm`, `ollama`, `litellm-ollama` (17.x): containers created from `image`, with a model from the store. `cloud`: a service on the
   * internet that the gateway asks itself, named by `identifier`, for a site that is not air-gapped.
   */
  engine: z.enum(['llamacpp', 'external', 'vllm', 'ollama', 'litellm-ollama', 'cloud']),
  /** Name of an imported model (all except external and cloud). */
  name: slug,
  /** The GGUF that is served, as its path in the model's folder; by default the one that its bundle names. */
  serve: z.string().min(1).max(255).optional(),
  /** The model's name at `/v1/models`; GitLab is given `custom_openai/<servedName>`. */
  servedName: slug,
  /**
   * The model's identifier in GitLab, which begins with its platform (cloud): `bedrock/`, `azure/`, `vertex_ai/`, `anthropic/` or `openai/`,
   * as in bedrock/apac.anthropic.claude-sonnet-4-20250514-v1:0.
   */
  identifier: z
    .string()
    .max(255)
    .regex(/^[a-z_]+\/[\w.:/@-]+$/, 'write PLATFORM/MODEL, as in azure/gpt-4o')
    .optional(),
  family: siteFamily.default('GENERAL'),
  contextTokens: z.int().min(256).max(1_048_576).default(4096),
  threads: z.int().min(1).max(256).default(1),
  /**
   * How many requests the embedded engine answers at once. Default: as many as `threads`, at most 8, as far as their context fits three
   * quarters of this machine's memory.
   */
  slots: z.int().min(1).max(16).optional(),
  /** Base URL ending in /v1 (external), or the platform's address (azure/; anthropic/ and openai/ where it is another than theirs). */
  endpoint: httpUrl.optional(),
  /** The key that the server at `endpoint` or the platform requires, if any. */
  endpointKey: keySource.optional(),
  /** Image of vLLM or Ollama, already imported. */
  image: imageReference.optional(),
  /** Image of LiteLLM (litellm-ollama). */
  litellmImage: imageReference.optional(),
  gpu: gpuChoice.optional(),
  /**
   * The GPUs of a model server in containers, as nvidia-smi or rocm-smi numbers them. Default: all of them; in a list of models the first ones
   * that no other model has, as many as vLLM's parallelism needs, else one.
   */
  gpus: z.array(z.int().min(0).max(63)).min(1).max(64).optional(),
  /** Subnet of the network for model servers in containers, which a list of models shares. Default: a free one. */
  subnet: subnet.optional(),
  ...limits,
  vllm: vllmOptions.optional(),
});
export type SiteModel = z.infer<typeof siteModel>;

/** `site.yaml`: the operator's answers. Contains no secrets. Unknown keys are rejected. */
export const siteFile = z.strictObject({
  sealift: z.literal(1),
  name: slug,
  /** False only for a site whose prompts and code may leave your network. Default: true, which refuses models and gateways on the internet. */
  airGapped: z.boolean().optional(),
  gitlab: z.strictObject({
    url: httpUrl,
    /** Major and minor version, optionally patch: `18.9` or `18.9.1`. */
    version: z.string().regex(/^\d{2}\.\d{1,2}(\.\d{1,2})?$/, 'enter a version such as 18.9 or 18.9.1'),
    installation: gitlabInstallation.default('linux-package'),
    /** True only for the stand-in used by rehearsals. Marked SIMULATED wherever it is shown. */
    simulated: z.boolean().default(false),
  }),
  gateway: z.strictObject({
    /** `simulated`: the stand-in, started by deploy. `existing`: an existing gateway. `container`: created by deploy from `image`. */
    kind: gatewayKind,
    /** The gateway's address for GitLab. A container's ports are published on it, or on all addresses if it is a name. */
    host: z.string().max(253).default('127.0.0.1'),
    httpPort: port.default(5052),
    grpcPort: port.default(50_052),
    /** The whole address of an existing gateway, for one behind a proxy: scheme, port and path. Replaces `host` and `httpPort`. */
    url: httpUrl.optional(),
    /** True when the Agent Platform service of an existing gateway uses TLS. */
    grpcTls: z.boolean().optional(),
    /** PEM files with which the gateway itself serves HTTPS, and gRPC over TLS (container, GitLab 19.1 or later). */
    tls: z.strictObject({ certFile: filePath, keyFile: filePath }).optional(),
    /** The gateway's image, already imported (container). */
    image: imageReference.optional(),
    /** The name of the gateway's container (container), such as gitlab-aigw of GitLab's manual. Default: `sealift-<site>-gateway`. */
    containerName: z
      .string()
      .regex(/^[A-Za-z0-9][\w.-]{1,62}$/, 'write a name such as gitlab-aigw')
      .optional(),
    /** Subnet of the gateway's network (container). Default: a free one. The front listens on its first address. */
    subnet: subnet.optional(),
    /** SQLite index of GitLab's documentation, from which Chat answers (container, GitLab up to 17.3; later images have it). */
    docsIndex: filePath.optional(),
    /** How much the gateway logs (container). Default: the image's own, INFO. */
    logLevel: z.enum(['DEBUG', 'INFO', 'WARNING', 'ERROR']).optional(),
    /**
     * Folder of this machine in which the gateway writes its log, as gateway.log (container, GitLab 17.4 or later). Default: none, and the
     * engine keeps its log. Nothing rotates the file.
     */
    logFolder: filePath.optional(),
    /** How the gateway reaches models of AWS Bedrock (container). */
    aws: awsAccess.optional(),
    /** How the gateway reaches models of Google Vertex AI (container). */
    google: googleAccess.optional(),
    ...limits,
  }),
  /** The site's only model. A site file has either this or `models`. */
  model: siteModel.optional(),
  /** The models of a site with several, each with the features that it is for. The front tells them apart by `servedName`. */
  models: z
    .array(siteModel.extend({ features: z.array(duoFeature).min(1) }))
    .min(1)
    .max(8)
    .optional(),
  /**
   * PEM file with the certificates of your own authorities, where GitLab's, the gateway's or an external model server's certificate comes
   * from one. The gateway's container, the front and Sealift's own requests trust them besides the public authorities.
   */
  caFile: filePath.optional(),
  /** The container engine's socket. Default: DOCKER_HOST, or otherwise the usual one. */
  engineHost: z
    .string()
    .max(1024)
    .regex(/^unix:\/\/\/.+$/, 'write it as unix:///var/run/docker.sock')
    .optional(),
  /**
   * Where the front, which serves the gateway, listens. A gateway in a container cannot reach loopback, so the front then listens on
   * this machine's address in the gateway's network.
   */
  front: z
    .strictObject({
      host: z.string().max(253).default('127.0.0.1'),
      port: port.default(8000),
      /**
       * Gives all requests of 15 minutes one secret tag around the gateway's policy on the output of tools, so that the model server
       * need not compute its 1,000 tokens again. SECURITY.md says what that costs.
       */
      stableTags: z.boolean().optional(),
      /**
       * Address ranges that may use the front, as in 10.20.0.0/16. Default: every address that reaches it. This machine and a gateway
       * in a container always may.
       */
      clients: z.array(z.string().max(50)).min(1).max(64).optional(),
    })
    .prefault({}),
  /** What the only model is for. With `models`, each of them lists its own. */
  features: z.array(duoFeature).min(1).default(['CODE_COMPLETIONS', 'CODE_GENERATIONS']),
});
export type SiteFile = z.infer<typeof siteFile>;
