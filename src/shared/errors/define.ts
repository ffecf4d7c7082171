/** A way to fix an error: steps for a person to follow, or a command that a button or the terminal can run. */
export type Remedy =
  | { kind: 'steps'; steps: string[] }
  | { kind: 'call'; label: string; command: string; method?: string; input?: unknown };

/** Exit codes of the command line: 2 usage, 3 refused (trust, space, version, lock), 4 failed, 130 interrupted. */
export type ErrorExitCode = 2 | 3 | 4 | 130;

/** One row of the error table. `D` holds the values used in the message and the remedies. */
export interface ErrorSpec<D> {
  exitCode: ErrorExitCode;
  retryable?: boolean;
  message(details: D): string;
  remedies(details: D): [Remedy, ...Remedy[]];
}

/** Returns the row unchanged, typed by its details. */
export function spec<D extends Record<string, unknown>>(row: ErrorSpec<D>): ErrorSpec<D> {
  return row;
}

/** Creates a remedy from sentences or commands, in order. */
export function steps(...lines: string[]): Remedy {
  return { kind: 'steps', steps: lines };
}

/** Creates a remedy that is one Sealift command line. */
export function command(label: string, commandLine: string): Remedy {
  return { kind: 'call', label, command: commandLine };
}
