import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { isLoopback } from '../host-kind.ts';

/** The address that this machine's hosts file gives a name: containers do not read that file. Undefined for loopback and for addresses. */
export async function hostsEntry(name: string, path = '/etc/hosts'): Promise<string | undefined> {
  if (isIP(name.replace(/^\[|\]$/g, '')) || isLoopback(name)) return undefined;
  const text = await readFile(path, 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    if (isIP(address) && !isLoopback(address) && names.some((one) => one.toLowerCase() === name.toLowerCase()))
      return address;
  }
  return undefined;
}
