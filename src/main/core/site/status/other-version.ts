import { readlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { command } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { installedLauncher } from '../unit/installed-launcher.ts';

/**
 * Reports a service that still runs with another version of this installed Sealift, as after an update or a rollback. `node` is the Node of
 * this one. Empty where the system does not show it (only Linux does).
 */
export async function otherVersion(site: string, pid: number | undefined, node: string): Promise<Finding[]> {
  const running = pid === undefined ? undefined : await readlink(`/proc/${pid}/exe`).catch(() => undefined);
  if (running === undefined || running === node || treesOf(running) !== treesOf(node)) return [];
  if ((await installedLauncher(node)) === undefined) return [];
  return [
    {
      id: 'site.other-version',
      severity: 'amber',
      title: `${site} still runs with Sealift ${versionOf(running)}, and ${versionOf(node)} is installed`,
      consequence: 'It serves as before. A restart takes as long as its model takes to load.',
      remedies: [command('When it suits, restart it', `sealift restart --site ${site}`)],
      howWeKnow: `its process ${pid} runs ${running}`,
    },
  ];
}

/** The folder with all versions, given the Node in one of them. */
function treesOf(node: string): string {
  return dirname(dirname(dirname(node)));
}

function versionOf(node: string): string {
  return basename(dirname(dirname(node))).replace(/[+].*/, '');
}
