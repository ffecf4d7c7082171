import { appError } from '../../../../shared/errors/app-error.ts';

/** The module node-llama-cpp. Only its types may be imported elsewhere: other processes must start without it. */
export type LlamaLibrary = typeof import('node-llama-cpp');

/** Loads node-llama-cpp (its JavaScript, no native code yet). Throws `serving.engine-missing`. */
export async function loadLlamaLibrary(): Promise<LlamaLibrary> {
  // The library reads these when it is imported: nothing is ever downloaded or compiled inside the enclave.
  process.env.NODE_LLAMA_CPP_SKIP_DOWNLOAD = 'true';
  return import('node-llama-cpp').catch((cause: unknown) => {
    throw engineMissing(cause);
  });
}

/** Returns the error for an installation without llama.cpp for this machine. */
export function engineMissing(cause: unknown): Error {
  return appError('serving.engine-missing', { platform: process.platform, arch: process.arch }, cause);
}
