import { resolve } from 'node:path';
import { readNamed } from '../../files/read-bounded.ts';
import { RemoteHosts } from '../../remote/remote-hosts.ts';
import { type Moved, type Pins, readPins } from './pins.ts';
import type { LoadedSpec } from './read-bundle-spec.ts';

/** What opening remote sources needs of its caller. */
export interface RemoteOptions {
  moved?: Moved | undefined;
  /** Gets a line about each host that is asked. */
  say?: (line: string) => void;
}

/** What remote sources share while they are opened. */
export interface RemoteSources {
  hosts: RemoteHosts;
  pins: Pins;
  /** Certificates to trust besides those of this machine, as PEM. */
  ca: string | undefined;
  tokenHosts: string[];
  /** Mirrors of registries, by host. */
  mirrors: Record<string, string>;
  /** How many bytes more may be kept in memory until they are packed. */
  spare: { bytes: number };
  signal: AbortSignal;
  say(line: string): void;
}

/** All small files of some models: a tokenizer has up to some ten megabytes. */
const spareBytes = 64 * 1024 * 1024;
const maxCaBytes = 4 * 1024 * 1024;

/** Keeps the bytes of a file that was fetched before it is packed, if there is room: else they are fetched again. */
export function keepFetched(
  fetched: Map<string, Buffer>,
  name: string,
  bytes: Buffer,
  { spare }: Pick<RemoteSources, 'spare'>,
): void {
  if (bytes.length > spare.bytes) return;
  spare.bytes -= bytes.length;
  fetched.set(name, bytes);
}

/** Reads what the remote sources of a description share; asks no host. Throws `file.*`, `input.invalid`. */
export async function openRemote(
  { spec, folder, lock }: LoadedSpec,
  signal: AbortSignal,
  { moved, say = () => undefined }: RemoteOptions,
): Promise<RemoteSources> {
  const { ca: caFile, tokenHosts = [], mirrors = {} } = spec.network ?? {};
  const ca =
    caFile && (await readNamed(resolve(folder, caFile), maxCaBytes, 'The file of network.ca')).toString('utf8');
  const pins =
    lock === undefined ? { path: '', known: new Map(), moved: 'take' as const } : await readPins(lock, moved);
  return { hosts: new RemoteHosts(), pins, ca, tokenHosts, mirrors, spare: { bytes: spareBytes }, signal, say };
}
