import type { Command } from 'commander';
import type { z } from 'zod';
import type { AppContract } from '../../shared/contract/index.ts';
import type { Client } from '../../shared/rpc/connect.ts';
import type { Job, OutputOf } from '../../shared/rpc/contract.ts';
import type { JobStarted } from '../../shared/rpc/serve.ts';

/** What a command gives back: `data` for `--json`, `human` lines for people; `red` findings make the exit code 1. */
export interface Outcome {
  data: unknown;
  human: string;
  red?: boolean;
}

/** What a running command works with. */
export interface Session {
  client: Client<AppContract>;
  /** Shows a job's progress on stderr until it ends; gives its checked result or throws its error. */
  follow<J extends Job<z.ZodType, z.ZodType>>(method: J, started: Promise<JobStarted>): Promise<OutputOf<J>>;
  /** A read-only client of the Sealift that holds the lock of this data folder, when one runs. */
  owner(): Promise<Client<AppContract> | undefined>;
  /** One item of a stream on standard output: a JSON object a line with `--json`, else the text. */
  emit(item: unknown, text: string): void;
  /** A line for people on stderr. */
  say(line: string): void;
}

/** How commands are added to the command line. */
export interface Cli {
  program: Command;
  /**
   * Makes a commander action: opens a core (`writes` takes the lock of the data folder), runs the body,
   * prints the outcome (unless all was emitted as a stream) and sets the exit code. Errors are printed with their remedies.
   */
  action<A extends unknown[]>(
    options: { writes: boolean },
    body: (session: Session, ...args: A) => Promise<Outcome | 'emitted'>,
  ): (...args: A) => Promise<void>;
}
