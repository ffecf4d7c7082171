import { basename, join } from 'node:path';
import { dirname } from 'node:path/posix';
import { appError } from '../../../../shared/errors/app-error.ts';
import { shellWord } from '../../../../shared/shell-word.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { isRootless } from '../../engine/memory-limit.ts';
import type { LocalImage, PlannedContainer } from '../../engine/planned-container.ts';
import { gatewayFiles } from '../../gitlab/gateway-value.ts';
import type { Hardening } from './hardening.ts';

/** The folder of this machine in which a container writes its log, and the ID of the user that it runs as. */
export interface LogFolder {
  path: string;
  uid: number;
}

/**
 * Returns the folder for the gateway's log with the user of its image. Throws `site.log-folder` for an engine that maps container users
 * to other user IDs on this machine, and on systems without user IDs.
 */
export function logFolderOf(
  path: string,
  image: LocalImage,
  engine: Pick<Engine, 'info'>,
  rows: readonly Hardening[],
): LogFolder {
  if (process.getuid === undefined || isRootless(engine.info) || mapsUsers(engine))
    throw appError('site.log-folder', {
      path,
      problem:
        "this engine maps container users to other user IDs on this machine (rootless or userns-remap), so the gateway couldn't write to the folder",
      advice: ['Remove gateway.logFolder from site.yaml: the engine then keeps the log, and sealift logs shows it.'],
    });
  return { path, uid: userId(image, rows.find(({ part }) => part === 'gateway')?.uid) };
}

/** Returns the file in that folder which the gateway writes. */
export function gatewayLogFile(folder: string): string {
  return join(folder, basename(gatewayFiles.log));
}

/** Returns a gateway that leaves the log file to the running one, so that both can run at the same time. */
export function withoutLogFile({ logFile: _ofRunning, ...planned }: PlannedContainer): PlannedContainer {
  const { env, mounts } = planned.spec;
  const others = Object.entries(env).filter(([, value]) => value !== gatewayFiles.log);
  return {
    ...planned,
    spec: {
      ...planned.spec,
      env: Object.fromEntries(others),
      mounts: mounts.filter(({ target }) => target !== dirname(gatewayFiles.log)),
    },
  };
}

/** Returns the command that makes the folder as the gateway needs it, readable for whoever runs Sealift. */
export function makeCommand({ path, uid }: LogFolder): string {
  return `sudo install -d -o ${uid} -g ${process.getgid?.() ?? 0} -m 0750 ${shellWord(path)}`;
}

function userId({ user = 'root' }: LocalImage, known: number | undefined): number {
  const [name = ''] = user.split(':');
  if (/^\d+$/.test(name)) return Number(name);
  // Only the image itself knows the ID of a name. If it is another, the gateway's output says that it may not write.
  return name === 'root' ? 0 : (known ?? 0);
}

function mapsUsers({ info }: Pick<Engine, 'info'>): boolean {
  const options = Array.isArray(info.SecurityOptions) ? info.SecurityOptions : [];
  return options.some((one) => String(one).includes('name=userns'));
}
