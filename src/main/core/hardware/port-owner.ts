import { readdir, readFile, readlink } from 'node:fs/promises';
import type { Port } from '../../../shared/machine.ts';
import { oneLine } from './collected.ts';

/** A socket that listens: its port and the inode by which processes hold it. */
export interface ListeningSocket {
  port: number;
  inode: string;
}

const listening = '0A';

/** Reads `/proc/net/tcp` or `tcp6`: the sockets in state LISTEN. Lines of another shape are left out. */
export function parseProcNetTcp(text: string): ListeningSocket[] {
  return text.split('\n').flatMap((line) => {
    const cells = line.trim().split(/\s+/);
    const port = /^[0-9A-F]{8,32}:([0-9A-F]{4})$/.exec(cells[1] ?? '')?.[1];
    const inode = cells[9];
    if (!port || cells[3] !== listening || !inode || !/^\d+$/.test(inode)) return [];
    return [{ port: Number.parseInt(port, 16), inode }];
  });
}

/** Which process listens on each of these ports, as far as `/proc` lets this user see it. Empty on other systems. */
export async function portOwners(ports: number[], proc = '/proc'): Promise<Map<number, NonNullable<Port['owner']>>> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`${proc}/net/${name}`, 'utf8').catch(() => '')),
  );
  const wanted = new Map(
    tables
      .flatMap(parseProcNetTcp)
      .filter((one) => ports.includes(one.port))
      .map((one) => [`socket:[${one.inode}]`, one.port]),
  );
  const owners = new Map<number, NonNullable<Port['owner']>>();
  if (wanted.size === 0) return owners;
  for (const pid of (await readdir(proc).catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const links = await linksOf(`${proc}/${pid}/fd`);
    for (const port of links.flatMap((link) => wanted.get(link) ?? [])) {
      const name = oneLine(await readFile(`${proc}/${pid}/comm`, 'utf8').catch(() => ''));
      if (!owners.has(port)) owners.set(port, { pid: Number(pid), name: name || 'unknown' });
    }
  }
  return owners;
}

async function linksOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
}
