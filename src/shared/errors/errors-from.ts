import { boundedDetails } from '../bounded-text.ts';
import type { ErrorExitCode, ErrorSpec, Remedy } from './define.ts';

/** An error as sent between processes and printed by `--json`. `cause` is one redacted line; stack traces stay in the log. */
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

/** The only error class that users see. Code branches on `code`, never on the message. Created by `appError`, `clientError` or from a `WireError`. */
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

/** The details that the row of one code requires. */
export type DetailsIn<Rows, Code extends keyof Rows> = Rows[Code] extends ErrorSpec<infer Details> ? Details : never;

/**
 * Returns a function that creates an error from its row. `cause` is kept for the log and shown as one redacted line. Texts in the details
 * are bounded (500 characters each, 20 in a list), because they may come from a medium or a server.
 */
export function errorsFrom<Rows extends object>(rows: Rows) {
  return <Code extends keyof Rows & string>(code: Code, details: DetailsIn<Rows, Code>, cause?: unknown): AppError => {
    const row = rows[code] as ErrorSpec<Record<string, unknown>>;
    const facts = boundedDetails(details as Record<string, unknown>);
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
  };
}

const secrets: [RegExp, string][] = [
  [/-----BEGIN[^-]+-----[\s\S]*?(-----END[^-]+-----|$)/g, '[key]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [hidden]'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\bgl[a-z]{2,5}-[\w-]{8,}/g, '[token]'],
  [/\bsk-[\w-]{8,}/g, '[api key]'],
  [/\bhf_\w{8,}/g, '[token]'],
  [/(:\/\/[^/\s:@]+:)[^/\s@]+@/g, '$1[hidden]@'],
];

/** Returns the text with keys, tokens and passwords of known formats hidden. */
export function redact(text: string): string {
  return secrets.reduce((out, [pattern, mark]) => out.replace(pattern, mark), text);
}

function causeLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  return redact(text.slice(0, 4000)).split('\n', 1).join('').slice(0, 300);
}
