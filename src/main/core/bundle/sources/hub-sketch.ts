import { createHash } from 'node:crypto';
import { digestOf } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { sha256Hex } from '../../files/sha256.ts';
import type { RemoteBytes } from '../../remote/remote-bytes.ts';
import { startBytes } from '../../weights/folder/content-kind.ts';
import { type Hub, type HubFile, maxSmallBytes } from './hub.ts';
import { roleOf } from './model.ts';
import { keepFetched, type RemoteSources } from './remote-sources.ts';
import { ggufHeadBytes, makeSketch, type Sketch } from './sketch.ts';

const largestHeaderBytes = 100_000_000;

/** A sketch with the digests of all files, by name, and the bytes of those that were fetched whole, as far as there was room for them. */
export interface HubSketch extends Sketch {
  digests: Map<string, string>;
  fetched: Map<string, Buffer>;
}

/**
 * Fetches what decides whether an engine can load a model: its small files, and the headers of its weights. Small files are checked against
 * the commit. Throws `remote.*`, `file.*`.
 */
export async function sketchModel(
  { hub, commit, files }: { hub: Hub; commit: string; files: HubFile[] },
  { signal, spare }: Pick<RemoteSources, 'signal' | 'spare'>,
): Promise<HubSketch> {
  const digests = new Map<string, string>();
  const fetched = new Map<string, Buffer>();
  const head = async (file: HubFile) => {
    signal.throwIfAborted();
    const isSmall = file.sha256 === undefined || (roleOf(file.name) !== 'weight' && file.sizeBytes <= maxSmallBytes);
    const bytes = isSmall ? await checkedBytes(hub, commit, file) : await weightHead(hub.open(commit, file), file);
    digests.set(file.name, digestOf(file.sha256 ?? sha256Hex(bytes)));
    if (isSmall) keepFetched(fetched, file.name, bytes, { spare });
    return bytes;
  };
  const sketched = files.map((file) => ({ name: file.name, sizeBytes: file.sizeBytes, head: () => head(file) }));
  return { ...(await makeSketch(sketched)), digests, fetched };
}

async function checkedBytes(hub: Hub, commit: string, file: HubFile): Promise<Buffer> {
  const bytes = await hub.bytes(commit, file);
  const [expected, found] =
    file.sha256 === undefined
      ? [file.oid, createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')]
      : [file.sha256, sha256Hex(bytes)];
  if (expected === found) return bytes;
  throw appError('remote.wrong-bytes', { url: hub.range(commit, file).url, expected, found });
}

/** Reads what decides whether an engine can load a file of weights, and closes it. */
export async function weightHead(bytes: RemoteBytes, file: Pick<HubFile, 'name' | 'sizeBytes'>): Promise<Buffer> {
  const take = (from: number, length: number) =>
    bytes.fill(Buffer.alloc(Math.max(0, Math.min(length, file.sizeBytes - from))), from);
  try {
    if (/\.gguf$/i.test(file.name)) return await take(0, ggufHeadBytes);
    if (!/\.safetensors$/i.test(file.name) || file.sizeBytes < 8) return await take(0, startBytes);
    const start = await take(0, 8);
    const headerBytes = Number(start.readBigUInt64LE());
    return Buffer.concat([start, await take(8, headerBytes > largestHeaderBytes ? 0 : headerBytes)]);
  } finally {
    bytes.close();
  }
}
