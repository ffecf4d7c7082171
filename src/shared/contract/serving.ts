import { z } from 'zod';
import { call, job } from '../rpc/contract.ts';
import { slug } from '../site-file.ts';

const runningServer = z.object({
  /** Base URL for OpenAI clients, ending in /v1. */
  address: z.string(),
  /** The model's name at `/v1/models`. */
  model: slug,
  /** Tokens per request, prompt and answer together. */
  contextTokens: z.int(),
  /** The device that runs the model, as reported by llama.cpp. */
  device: z.string(),
  /** The file with the API key; the key itself is never returned. */
  apiKeyFile: z.string(),
  /** True if this start created the key. */
  isKeyNew: z.boolean(),
});

/** A model server outside any site. */
export const serving = {
  /** Serves a GGUF over HTTP until the job is cancelled, and leaves nothing running. */
  modelServer: job(
    'Model server',
    z.object({
      ggufPath: z.string().min(1).max(4096),
      host: z.string().min(1).max(253).default('127.0.0.1'),
      /** 0: any free port. */
      port: z.int().min(0).max(65_535).default(8000),
      /** Default: one per processor. */
      threads: z.int().min(1).max(256).optional(),
      /** At most the length that the model was trained for. */
      contextTokens: z.int().min(256).max(1_048_576).default(8192),
      /** Concurrent requests; each has its own context. */
      slots: z.int().min(1).max(16).default(2),
      /** Default: a key in the data folder, created at the first start. */
      apiKeyFile: z.string().min(1).max(4096).optional(),
    }),
    z.object({ address: z.string() }),
    { subject: null, writes: false },
  ),
  /** The model servers of this core's jobs that are ready now. */
  running: call(z.object({}), z.object({ servers: z.array(runningServer) })),
};
