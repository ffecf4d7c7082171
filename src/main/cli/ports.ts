import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pino from 'pino';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Shell } from '../../shared/contract/shell.ts';
import type { CorePorts } from '../core/ports.ts';
import { forkWorker } from '../core/processes/fork.ts';
import { appendErrorLog, errorLine } from '../core/settings/error-log.ts';
import { defaultHome, homePaths } from '../core/settings/paths.ts';
import type { Terminal } from './terminal.ts';

/** Version of Sealift. */
export const version: string = packageJson.version;

/** Returns the data folder if commands in a new terminal have to name it; undefined if it is the platform's default. */
export function homeToName(given: string | undefined): string | undefined {
  const home = resolve(given ?? defaultHome());
  return home === resolve(defaultHome({ ...process.env, SEALIFT_HOME: '' })) ? undefined : home;
}

/**
 * Returns the core's ports for a terminal. Log lines go to stderr, from level `SEALIFT_LOG` (default: none). Errors also go to the error
 * log in the data folder, or to stderr if it cannot be written, so that a reference shown to a user can always be looked up.
 */
export function cliPorts({ built, err }: Terminal, given: string | undefined, shell: Shell): CorePorts {
  const home = resolve(given ?? defaultHome());
  const root = join(built, '../..');
  const logger = pino({ level: process.env.SEALIFT_LOG ?? 'fatal' }, pino.destination({ dest: 2, sync: true }));
  return {
    paths: homePaths(home),
    resources: join(root, 'resources'),
    workers: built,
    node: process.execPath,
    version,
    shell,
    hasWindow: shell.kind === 'window' || hasWindow(root),
    now: () => new Date(),
    log: {
      info: (message, fields) => logger.info(fields ?? {}, message),
      warn: (message, fields) => logger.warn(fields ?? {}, message),
      error: (message, fields) => {
        if (!appendErrorLog(home, message, fields) && !logger.isLevelEnabled('error'))
          err(`${errorLine(message, fields)}\n`);
        logger.error(fields ?? {}, message);
      },
    },
    fork: (worker) => forkWorker(join(built, `${worker}.js`)),
  };
}

/** A package names its window's program in package.json; a clone has the runtime that the electron package downloads. */
function hasWindow(root: string): boolean {
  const { window } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { window?: string };
  return existsSync(window === undefined ? join(root, 'node_modules/electron/path.txt') : resolve(root, window));
}
