import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { appError } from '../../../shared/errors/app-error.ts';

/** A process that listens on a port. `pid` is missing when the system does not let us see whose it is. */
export interface PortOwner {
  pid?: number;
  name?: string;
}

/** Whether a port can be listened on, found by listening for a moment. Throws `site.address-unusable`. */
export async function isPortFree(host: string, port: number, part: string): Promise<boolean> {
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => resolve(undefined));
  });
  if (!error) {
    await new Promise((resolve) => server.close(resolve));
    return true;
  }
  if (error.code === 'EADDRINUSE') return false;
  const reasons: Record<string, string> = {
    EADDRNOTAVAIL: 'this machine does not have that address',
    ENOTFOUND: 'the name is not known',
    EAI_AGAIN: 'the name cannot be looked up',
    EACCES: 'ports below 1024 need rights that this user does not have',
  };
  const reason = reasons[error.code ?? ''] ?? `the system says ${error.code}`;
  throw appError('site.address-unusable', { host, port, part, reason }, error);
}

/** Who listens on a TCP port of this machine, as far as the system tells (Linux: /proc). */
export async function portOwner(port: number): Promise<PortOwner> {
  const inodes = await listeningInodes(port);
  if (inodes.size === 0) return {};
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode === undefined || !inodes.has(inode)) continue;
      const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
      return { pid: Number(pid), name };
    }
  }
  return {};
}

/** The owner in words. */
export function ownerText(owner: PortOwner): string {
  if (owner.pid === undefined) return 'another program (this user may not see which)';
  return `process ${owner.pid}${owner.name ? ` (${owner.name})` : ''}`;
}

// Rows of /proc/net/tcp: "sl local_address rem_address st … inode"; state 0A is LISTEN (proc_net_tcp in the kernel's docs).
async function listeningInodes(port: number): Promise<Set<string>> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const texts = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const rows = texts.flatMap((text) => text.split('\n').slice(1)).map((row) => row.trim().split(/\s+/));
  const listening = rows.filter((row) => row[3] === '0A' && row[1]?.endsWith(`:${hex}`));
  return new Set(listening.map((row) => row[9]).filter((inode) => inode !== undefined && inode !== '0') as string[]);
}
