/** A way out of an error: steps a person can follow, or a call of the contract that a button or a command line can make. */
export type Remedy =
  | { kind: 'steps'; steps: string[] }
  | { kind: 'call'; label: string; command: string; method?: string; input?: unknown };

/** Exit codes of the command line: 2 usage, 3 refused (trust, space, version, lock), 4 failed, 130 interrupted. */
export type ErrorExitCode = 2 | 3 | 4 | 130;

/** One row of the error table; `D` holds the facts that the message and the remedies name. */
export interface ErrorSpec<D> {
  exitCode: ErrorExitCode;
  retryable?: boolean;
  message(details: D): string;
  remedies(details: D): [Remedy, ...Remedy[]];
}

/** Types one row of the error table by its details. */
export function spec<D extends Record<string, unknown>>(row: ErrorSpec<D>): ErrorSpec<D> {
  return row;
}

/** A remedy made of plain sentences or commands, in order. */
export function steps(...lines: string[]): Remedy {
  return { kind: 'steps', steps: lines };
}

/** A remedy that is one command line of Sealift. */
export function command(label: string, commandLine: string): Remedy {
  return { kind: 'call', label, command: commandLine };
}
