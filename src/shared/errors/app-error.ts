import { AppError, errorsFrom } from './errors-from.ts';
import { errorTable } from './table.ts';

export { AppError, redact, type WireError } from './errors-from.ts';

/** Creates an error from its row in the table, as `errorsFrom` does. */
export const appError = errorsFrom(errorTable);

/** Turns any thrown value into an error that is safe to show: an AppError is returned as is, anything else becomes `internal` with a reference. */
export function toAppError(thrown: unknown, ref: () => string): AppError {
  if (thrown instanceof AppError) return thrown;
  const id = ref();
  const error = appError('internal', { ref: id });
  return new AppError({ ...error.wire, ref: id }, thrown);
}
