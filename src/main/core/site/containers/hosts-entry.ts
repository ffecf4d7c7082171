import { readFile } from 'node:fs/promises';
import { addressFamily, hostKind, isLoopback } from '../../http/network-host.ts';

/** Looks a name up in this machine's hosts file, which containers do not read. Undefined for loopback and for addresses. */
export async function hostsEntry(name: string, path = '/etc/hosts'): Promise<string | undefined> {
  if (hostKind(name) !== 'name') return undefined;
  const text = await readFile(path, 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    if (
      addressFamily(address) !== 0 &&
      !isLoopback(address) &&
      names.some((one) => one.toLowerCase() === name.toLowerCase())
    )
      return address;
  }
  return undefined;
}
