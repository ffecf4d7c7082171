import { AppError, appError, type WireError } from '../../shared/errors/app-error.ts';

/** An error in the form that screens show. */
export type ShownError = WireError;

/** Converts a thrown value to an error that can be shown. Unknown values become `window.unexpected`, without their text. */
export function toShownError(thrown: unknown): ShownError {
  if (thrown instanceof AppError) return thrown.wire;
  return appError('window.unexpected', {}).wire;
}
