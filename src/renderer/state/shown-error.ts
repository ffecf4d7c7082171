import { AppError, appError, type WireError } from '../../shared/errors/app-error.ts';

/** An error as screens show it. */
export type ShownError = WireError;

/** Any thrown value as an error that can be shown; what is unknown says so without its text. */
export function toShownError(thrown: unknown): ShownError {
  if (thrown instanceof AppError) return thrown.wire;
  return appError('window.unexpected', {}).wire;
}
