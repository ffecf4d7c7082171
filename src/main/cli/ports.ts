import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Shell } from '../../shared/contract/shell.ts';
import type { CorePorts } from '../core/ports.ts';
import { forkWorker } from '../core/processes/fork.ts';
import { appendErrorLog, errorLine } from '../core/settings/error-log.ts';
import { defaultHome } from '../core/settings/paths.ts';

/** Version of Sealift. */
export const version: string = packageJson.version;

/** Where the build puts the page that a browser shows. */
export const pageFolder: string = fileURLToPath(new URL('../renderer', import.meta.url));

/** The data folder, where a terminal that is opened later must be told of it: by itself it takes the platform's own place. */
export function homeToName(given: string | undefined): string | undefined {
  const home = resolve(given ?? defaultHome());
  return home === resolve(defaultHome({ ...process.env, SEALIFT_HOME: '' })) ? undefined : home;
}

/**
 * What a terminal gives the core: log lines go to stderr, from level `SEALIFT_LOG` (default: none). Errors are kept in the error log
 * of the data folder as well, or go to stderr where that cannot be written: a reference shown to a person can always be looked up.
 */
export function cliPorts(given: string | undefined, shell: Shell): CorePorts {
  const home = resolve(given ?? defaultHome());
  const workers = fileURLToPath(new URL('.', import.meta.url));
  const logger = pino({ level: process.env.SEALIFT_LOG ?? 'fatal' }, pino.destination({ dest: 2, sync: true }));
  return {
    home,
    resources: fileURLToPath(new URL('../../resources', import.meta.url)),
    workers,
    node: process.execPath,
    version,
    shell,
    now: () => new Date(),
    log: {
      info: (message, fields) => logger.info(fields ?? {}, message),
      warn: (message, fields) => logger.warn(fields ?? {}, message),
      error: (message, fields) => {
        if (!appendErrorLog(home, message, fields) && !logger.isLevelEnabled('error'))
          process.stderr.write(`${errorLine(message, fields)}\n`);
        logger.error(fields ?? {}, message);
      },
    },
    fork: (worker) => forkWorker(join(workers, `${worker}.js`)),
  };
}
