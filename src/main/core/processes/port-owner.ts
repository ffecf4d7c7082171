import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';

/** A process that listens on a port, as far as the system shows it. */
export interface PortOwner {
  pid: number;
  name: string;
}

/** A socket that listens: its port and the inode by which processes hold it. */
interface ListeningSocket {
  port: number;
  inode: string;
}

// State LISTEN in rows of /proc/net/tcp: "sl local_address rem_address st … inode" (proc_net_tcp in the kernel's docs).
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

/** Which process listens on each of these TCP ports, as far as Linux's /proc lets this user see it. Empty on other systems. */
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

/** The owner of one port; undefined when none is seen. */
export async function portOwner(port: number): Promise<PortOwner | undefined> {
  return (await portOwners([port])).get(port);
}

/** The owner in words. */
export function ownerText(owner: PortOwner | undefined): string {
  return owner ? `process ${owner.pid} (${owner.name})` : 'another program (this user may not see which)';
}

/** What keeps this process from listening there, found by listening for a moment; undefined when nothing does. */
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

/** The command's name, without control characters: any process may choose its own. */
async function processName(pid: string): Promise<string> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  return (
    name
      .replace(/\p{Cc}/gu, ' ')
      .trim()
      .slice(0, 100) || 'unknown'
  );
}
