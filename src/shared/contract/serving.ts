import { z } from 'zod';
import { call, job } from '../rpc/contract.ts';
import { slug } from '../site-file.ts';

const runningServer = z.object({
  /** Base URL for OpenAI clients, ending in /v1. */
  address: z.string(),
  /** The model's name at `/v1/models`. */
  model: slug,
  /** Tokens of prompt and answer together, for each request. */
  contextTokens: z.int(),
  /** Where the model computes, as llama.cpp says. */
  device: z.string(),
  /** The file that holds the API key; the key itself is in no answer. */
  apiKeyFile: z.string(),
  /** The key was made by this start. */
  isKeyNew: z.boolean(),
});

/** A model server outside of any site. */
export const serving = {
  /** Serves a GGUF over HTTP until the job is cancelled; nothing of it is left then. */
  modelServer: job(
    'Model server',
    z.object({
      ggufPath: z.string().min(1).max(4096),
      host: z.string().min(1).max(253).default('127.0.0.1'),
      /** 0 takes any free port. */
      port: z.int().min(0).max(65_535).default(8000),
      /** Default: one for each processor. */
      threads: z.int().min(1).max(256).optional(),
      /** At most what the model was trained for. */
      contextTokens: z.int().min(256).max(1_048_576).default(8192),
      /** Requests that are worked on at once; each has a context of its own. */
      slots: z.int().min(1).max(16).default(2),
      /** Default: a key in the data folder, made at the first start. */
      apiKeyFile: z.string().min(1).max(4096).optional(),
    }),
    z.object({ address: z.string() }),
    { writes: false },
  ),
  /** The model servers that answer now, of this core's jobs. */
  running: call(z.object({}), z.object({ servers: z.array(runningServer) })),
};
