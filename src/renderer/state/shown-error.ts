import { clientError } from '../../shared/errors/client-error.ts';
import { AppError, type WireError } from '../../shared/errors/errors-from.ts';

/** An error in the form that screens show. */
export type ShownError = WireError;

/** Converts a thrown value to an error that can be shown. Unknown values become `window.unexpected`, without their text. */
export function toShownError(thrown: unknown): ShownError {
  if (thrown instanceof AppError) return thrown.wire;
  return clientError('window.unexpected', {}).wire;
}
