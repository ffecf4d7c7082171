import type { ErrorExitCode, ErrorSpec, Remedy } from './define.ts';
import { type ErrorCode, type ErrorDetails, errorTable } from './table.ts';

/** An error as it crosses processes and as `--json` prints it. `cause` is one redacted line; stacks never leave the log. */
export interface WireError {
  code: string;
  message: string;
  cause?: string;
  details: Record<string, unknown>;
  remedies: Remedy[];
  retryable: boolean;
  exitCode: ErrorExitCode;
  ref?: string;
}

/** The one error class that people get to see. Code branches on `code`, never on texts. Made by `appError` or `fromWire`. */
export class AppError extends Error {
  readonly wire: WireError;

  constructor(wire: WireError, cause?: unknown) {
    super(wire.message, { cause });
    this.name = 'AppError';
    this.wire = wire;
  }

  get code(): string {
    return this.wire.code;
  }

  get exitCode(): ErrorExitCode {
    return this.wire.exitCode;
  }
}

/** Makes the error of one row of the table. `cause` is kept for the log and shown as one redacted line. */
export function appError<C extends ErrorCode>(code: C, details: ErrorDetails<C>, cause?: unknown): AppError {
  const row = errorTable[code] as ErrorSpec<Record<string, unknown>>;
  const facts = details as Record<string, unknown>;
  const wire: WireError = {
    code,
    message: row.message(facts),
    details: facts,
    remedies: row.remedies(facts),
    retryable: row.retryable ?? false,
    exitCode: row.exitCode,
  };
  if (cause !== undefined) wire.cause = causeLine(cause);
  return new AppError(wire, cause);
}

/** An unknown thrown value as an error that may be shown: AppErrors stay, the rest becomes `internal` with a reference. */
export function toAppError(thrown: unknown, ref: () => string): AppError {
  if (thrown instanceof AppError) return thrown;
  const id = ref();
  const error = appError('internal', { ref: id });
  return new AppError({ ...error.wire, ref: id }, thrown);
}

const secrets: [RegExp, string][] = [
  [/-----BEGIN[^-]+-----[\s\S]*?(-----END[^-]+-----|$)/g, '[key]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [hidden]'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\bgl[a-z]{2,5}-[\w-]{8,}/g, '[token]'],
  [/\bsk-[\w-]{8,}/g, '[api key]'],
  [/(:\/\/[^/\s:@]+:)[^/\s@]+@/g, '$1[hidden]@'],
];

/** The same text without keys, tokens and passwords of the known shapes. */
export function redact(text: string): string {
  return secrets.reduce((out, [pattern, mark]) => out.replace(pattern, mark), text);
}

function causeLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  return redact(text.slice(0, 4000)).split('\n', 1).join('').slice(0, 300);
}
