import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import packageJson from '../../../package.json' with { type: 'json' };
import type { CorePorts } from '../core/ports.ts';
import { forkWorker } from '../core/processes/fork.ts';
import { defaultHome } from '../core/settings/paths.ts';

/** Version of Sealift. */
export const version: string = packageJson.version;

/** What a terminal gives the core: log lines go to stderr, from level `SEALIFT_LOG` (default: errors only). */
export function cliPorts(home: string | undefined): CorePorts {
  const workers = fileURLToPath(new URL('.', import.meta.url));
  const logger = pino({ level: process.env.SEALIFT_LOG ?? 'fatal' }, pino.destination({ dest: 2, sync: true }));
  return {
    home: resolve(home ?? defaultHome()),
    resources: fileURLToPath(new URL('../../resources', import.meta.url)),
    workers,
    node: process.execPath,
    version,
    now: () => new Date(),
    log: {
      info: (message, fields) => logger.info(fields ?? {}, message),
      warn: (message, fields) => logger.warn(fields ?? {}, message),
      error: (message, fields) => logger.error(fields ?? {}, message),
    },
    fork: (worker) => forkWorker(join(workers, `${worker}.js`)),
  };
}
