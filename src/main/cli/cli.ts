import type { Command } from 'commander';
import type { z } from 'zod';
import type { AppContract } from '../../shared/contract/index.ts';
import type { Shell } from '../../shared/contract/shell.ts';
import type { Client } from '../../shared/rpc/connect.ts';
import type { Job, OutputOf } from '../../shared/rpc/contract.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';
import type { JobStarted } from '../../shared/rpc/serve.ts';
import type { HomePaths } from '../core/settings/paths.ts';

/** Result of a command: `data` for `--json`, `human` lines for people. `red` sets exit code 1. */
export interface Outcome {
  data: unknown;
  human: string;
  red?: boolean;
}

/** What a running command can use. */
export interface Session {
  client: Client<AppContract>;
  /** Shows a job's progress on stderr until it ends. Returns its validated result or throws its error. */
  follow<J extends Job<z.ZodType, z.ZodType>>(method: J, started: Promise<JobStarted>): Promise<OutputOf<J>>;
  /** Returns a read-only client of the Sealift that holds the lock of this data folder, if one is running. */
  owner(): Promise<Client<AppContract> | undefined>;
  /** Aborts when the user interrupts; a command that only watches then ends. */
  stopped: AbortSignal;
  /** Prints one item of a stream on standard output: one JSON object per line with `--json`, otherwise the text. */
  emit(item: unknown, text: string): void;
  /** Prints a line for people on stderr. */
  say(line: string): void;
  /** For commands that expose the core to other connections while they run. */
  hosting: Hosting;
}

/** How a command exposes its core to other connections. */
export interface Hosting {
  /** Where everything is in the data folder. */
  paths: HomePaths;
  /** The folder of the built page. */
  pageFolder: string;
  /** False if another Sealift holds the lock of the data folder. `owner` is then that one, otherwise this command. */
  mayWrite: boolean;
  owner: string;
  /** Aborts on Ctrl-C or a request to stop. */
  stopped: AbortSignal;
  /** Answers the calls of one more connection, with this command's permissions. */
  answer(pipe: Pipe): void;
  /** Publishes the page's address to whoever finds the lock held. It must not contain a secret. */
  tellPage(url: string): Promise<void>;
}

/** What a command needs: whether it takes the lock of the data folder, and the shell that shows its core (default: the terminal). */
export interface ActionOptions {
  writes: boolean | 'if-free';
  shell?: Shell['kind'];
}

/** For adding commands to the command line. */
export interface Cli {
  program: Command;
  /**
   * Creates a commander action that opens a core (`writes` takes the lock of the data folder, `if-free` only if no one else has it), runs
   * the body, prints the outcome (unless it was emitted as a stream) and sets the exit code. Errors are printed with their remedies.
   */
  action<A extends unknown[]>(
    options: ActionOptions,
    body: (session: Session, ...args: A) => Promise<Outcome | 'emitted'>,
  ): (...args: A) => Promise<void>;
}
