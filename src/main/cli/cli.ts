import type { Command } from 'commander';
import type { z } from 'zod';
import type { AppContract } from '../../shared/contract/index.ts';
import type { Shell } from '../../shared/contract/shell.ts';
import type { Client } from '../../shared/rpc/connect.ts';
import type { Job, OutputOf } from '../../shared/rpc/contract.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';
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
  /** Aborts when the person interrupts: a command that only watches then ends by itself. */
  stopped: AbortSignal;
  /** One item of a stream on standard output: a JSON object a line with `--json`, else the text. */
  emit(item: unknown, text: string): void;
  /** A line for people on stderr. */
  say(line: string): void;
  /** What a command needs that shows the core to others for as long as it lives. */
  hosting: Hosting;
}

/** How a command lends its core to other connections. */
export interface Hosting {
  /** The data folder. */
  home: string;
  /** False when another Sealift holds the lock of the data folder: `owner` is that one, else this command. */
  mayWrite: boolean;
  owner: string;
  /** Aborts at Ctrl-C or a request to end. */
  stopped: AbortSignal;
  /** Answers the calls of one more connection, with the rights of this command. */
  answer(pipe: Pipe): void;
  /** Tells those who find the lock held where the page is; it must hold no secret. */
  tellPage(url: string): Promise<void>;
}

/** What a command needs: the lock of the data folder, and which shell its core is seen in (default: the terminal). */
export interface ActionOptions {
  writes: boolean | 'if-free';
  shell?: Shell['kind'];
}

/** How commands are added to the command line. */
export interface Cli {
  program: Command;
  /**
   * Makes a commander action: opens a core (`writes` takes the lock of the data folder, `if-free` unless another has it), runs the body,
   * prints the outcome (unless all was emitted as a stream) and sets the exit code. Errors are printed with their remedies.
   */
  action<A extends unknown[]>(
    options: ActionOptions,
    body: (session: Session, ...args: A) => Promise<Outcome | 'emitted'>,
  ): (...args: A) => Promise<void>;
}
