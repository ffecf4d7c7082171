import { basename, join } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { shellWord } from '../../../../shared/shell-word.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { isRootless } from '../../engine/memory-limit.ts';
import type { LocalImage } from '../../engine/planned-container.ts';
import { gatewayFiles } from '../../gitlab/gateway-value.ts';
import type { Hardening } from './hardening.ts';

/** The folder of this machine in which a container writes its log, and the number of the user that it runs as. */
export interface LogFolder {
  path: string;
  uid: number;
}

/**
 * Returns the folder for the gateway's log with the user of its image. Throws `site.log-folder` for an engine that gives its containers' users
 * other numbers on this machine, and on systems without such numbers.
 */
export function logFolderOf(
  path: string,
  image: LocalImage,
  engine: Pick<Engine, 'info'>,
  rows: readonly Hardening[],
): LogFolder {
  if (process.getuid === undefined || isRootless(engine.info) || hasOtherNumbers(engine))
    throw appError('site.log-folder', {
      path,
      problem:
        'this engine gives the users of containers other numbers on this machine, so the gateway could not write to it',
      advice: ['Remove gateway.logFolder from site.yaml: the engine then keeps the log, and sealift logs shows it.'],
    });
  return { path, uid: userNumber(image, rows.find(({ part }) => part === 'gateway')?.uid) };
}

/** Returns the file in that folder which the gateway writes. */
export function gatewayLogFile(folder: string): string {
  return join(folder, basename(gatewayFiles.log));
}

/** Returns the command that makes the folder as the gateway needs it, readable for whoever runs Sealift. */
export function makeCommand({ path, uid }: LogFolder): string {
  return `sudo install -d -o ${uid} -g ${process.getgid?.() ?? 0} -m 0750 ${shellWord(path)}`;
}

function userNumber({ user = 'root' }: LocalImage, known: number | undefined): number {
  const [name = ''] = user.split(':');
  if (/^\d+$/.test(name)) return Number(name);
  // Only the image itself knows the number of a name. If it is another, the gateway's output says that it may not write.
  return name === 'root' ? 0 : (known ?? 0);
}

function hasOtherNumbers({ info }: Pick<Engine, 'info'>): boolean {
  const options = Array.isArray(info.SecurityOptions) ? info.SecurityOptions : [];
  return options.some((one) => String(one).includes('name=userns'));
}
