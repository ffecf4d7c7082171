import { readdir, readFile, readlink } from 'node:fs/promises';

/** Who listens on a TCP port, as "name (pid 123)"; undefined where Linux's /proc does not tell this user. */
export async function portOwner(port: number): Promise<string | undefined> {
  const inodes = (await Promise.all(['tcp', 'tcp6'].map((table) => listeners(`/proc/net/${table}`, port)))).flat();
  if (inodes.length === 0) return undefined;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const folder = `/proc/${pid}/fd`;
    for (const fd of await readdir(folder).catch(() => [])) {
      if (!wanted.has(await readlink(`${folder}/${fd}`).catch(() => ''))) continue;
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a process');
      return `${name.trim()} (pid ${pid})`;
    }
  }
  return undefined;
}

/** Inodes of listening sockets (state 0A) in a table of /proc/net: local address is field 1, inode field 9. */
async function listeners(table: string, port: number): Promise<string[]> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1);
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && fields[1]?.endsWith(`:${hexPort}`))
    .flatMap((fields) => fields[9] ?? []);
}
