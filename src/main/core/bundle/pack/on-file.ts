import { packIoError } from '../format/medium-io-error.ts';

/** Waits for work on a file. Errors of the file system are thrown as errors of the table. */
export async function onFile<T>(path: string, action: 'read' | 'write', doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    throw packIoError(error, path, action);
  }
}

/** Marks a promise that is awaited later, so that its failure does not count as unhandled until then. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
