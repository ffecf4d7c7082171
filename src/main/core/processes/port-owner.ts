import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { shownLine } from './shown-line.ts';

/** A process that listens on a port, as far as this user may see it. */
export interface PortOwner {
  pid: number;
  name: string;
}

/** A listening socket: its port, and the inode by which processes hold it. */
interface ListeningSocket {
  port: number;
  inode: string;
}

// State LISTEN in rows of /proc/net/tcp: "sl local_address rem_address st … inode" (proc_net_tcp in the kernel's docs).
const listening = '0A';

/** Reads the listening sockets from `/proc/net/tcp` or `tcp6`. Skips lines of another shape. */
export function parseProcNetTcp(text: string): ListeningSocket[] {
  return text.split('\n').flatMap((line) => {
    const cells = line.trim().split(/\s+/);
    const port = /^[0-9A-F]{8,32}:([0-9A-F]{4})$/.exec(cells[1] ?? '')?.[1];
    const inode = cells[9];
    if (!port || cells[3] !== listening || !inode || !/^\d+$/.test(inode)) return [];
    return [{ port: Number.parseInt(port, 16), inode }];
  });
}

/** Returns which process listens on each of these TCP ports, as far as /proc shows it to this user. Empty on systems other than Linux. */
export async function portOwners(ports: readonly number[]): Promise<Map<number, PortOwner>> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const wanted = new Map(
    tables
      .flatMap(parseProcNetTcp)
      .filter((one) => ports.includes(one.port))
      .map((one) => [`socket:[${one.inode}]`, one.port]),
  );
  const owners = new Map<number, PortOwner>();
  if (wanted.size === 0) return owners;
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const links = await linksOf(`/proc/${pid}/fd`);
    for (const port of links.flatMap((link) => wanted.get(link) ?? [])) {
      if (!owners.has(port)) owners.set(port, { pid: Number(pid), name: await processName(pid) });
    }
    if (owners.size === ports.length) break;
  }
  return owners;
}

/** Returns the owner of one port, or undefined if none is visible. */
export async function portOwner(port: number): Promise<PortOwner | undefined> {
  return (await portOwners([port])).get(port);
}

/** Describes the owner of a port. */
export function ownerText(owner: PortOwner | undefined): string {
  return owner ? `process ${owner.pid} (${owner.name})` : 'another program (this user may not see which)';
}

/** Returns what prevents this process from listening on a port, by listening for a moment; undefined if nothing does. */
export async function listenProblem(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => resolve(undefined));
  });
  if (!error) await new Promise((resolve) => server.close(resolve));
  return error;
}

async function linksOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
}

/** Returns the command's name without control characters, because a process may choose any name. */
async function processName(pid: string): Promise<string> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  return shownLine(name) || 'unknown';
}
