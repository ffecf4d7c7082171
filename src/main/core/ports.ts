import type { AppContract } from '../../shared/contract/index.ts';
import type { Shell } from '../../shared/contract/shell.ts';
import type { Handlers } from '../../shared/rpc/serve.ts';
import type { ForkedProcess } from './processes/fork.ts';

/** One line of the log; `fields` must hold no secrets. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** What a shell gives the core. Everything else the core finds itself. */
export interface CorePorts {
  /** Sealift's data folder: keys, trust, store, sites, jobs. Need not exist yet. */
  home: string;
  /** The folder `resources` of the app: catalogue and other data. */
  resources: string;
  /** The folder of the built worker entries (`<name>.js`). */
  workers: string;
  /** The plain Node executable for processes that outlive this one. */
  node: string;
  /** Version of Sealift, for reports and bundles. */
  version: string;
  /** Where people see this core, and what only that place can do. */
  shell: Shell;
  now(): Date;
  log: Log;
  /** Starts a worker entry in a process of its own that speaks frames and dies with this one. */
  fork(worker: string): ForkedProcess;
}

/** A running core. `close` cancels all jobs and waits for them. */
export interface Core {
  handlers: Handlers<AppContract>;
  close(): Promise<void>;
}
