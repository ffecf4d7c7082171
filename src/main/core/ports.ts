import type { AppContract } from '../../shared/contract/index.ts';
import type { Shell } from '../../shared/contract/shell.ts';
import type { Handlers } from '../../shared/rpc/serve.ts';
import type { ForkedProcess } from './processes/fork.ts';
import type { HomePaths } from './settings/paths.ts';

/** Writes lines to the log. `fields` must not contain secrets. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** What a shell passes to the core. The core finds everything else itself. */
export interface CorePorts {
  /** Where everything is in Sealift's data folder, which need not exist yet. */
  paths: HomePaths;
  /** The app's folder `resources`, with the catalogue and other data. */
  resources: string;
  /** The folder of the built worker entries (`<name>.js`). */
  workers: string;
  /** The plain Node executable for processes that outlive this one. */
  node: string;
  /** Version of Sealift, for reports and bundles. */
  version: string;
  /** The shell that shows this core, and what only that shell can do. */
  shell: Shell;
  /** Whether this Sealift can open a window of its own. */
  hasWindow: boolean;
  now(): Date;
  log: Log;
  /** Starts a worker entry as a process that exchanges frames with this one and ends with it. */
  fork(worker: string): ForkedProcess;
}

/** A running core. `close` cancels all jobs and waits for them. */
export interface Core {
  handlers: Handlers<AppContract>;
  close(): Promise<void>;
}
