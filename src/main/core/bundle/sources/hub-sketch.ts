import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { digestOf } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { startBytes } from '../../weights/folder/content-kind.ts';
import { type Hub, type HubFile, maxSmallBytes } from './hub.ts';
import { roleOf } from './model.ts';

const largestHeaderBytes = 100_000_000;
/** A GGUF starts with its tokenizer, of up to some ten megabytes. */
const ggufHeadBytes = 32 * 1024 * 1024;

/** Files of a model as a folder (its real path) that can be judged: of weights only their headers, and holes for the rest. */
export interface HubSketch {
  folder: string;
  /** The digests of all files, by name. */
  digests: Map<string, string>;
  remove(): Promise<void>;
}

/**
 * Fetches what decides whether an engine can load a model: its small files, and the headers of its weights. Small files are checked against
 * the commit. The folder takes hardly more space than these. Throws `remote.*`, `file.*`.
 */
export async function sketchModel(
  { hub, commit, files }: { hub: Hub; commit: string; files: HubFile[] },
  signal: AbortSignal,
): Promise<HubSketch> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sealift-hub-')));
  const remove = () => rm(folder, { recursive: true, force: true });
  const digests = new Map<string, string>();
  try {
    for (const file of files) {
      signal.throwIfAborted();
      const isSmall = file.sha256 === undefined || (roleOf(file.name) !== 'weight' && file.sizeBytes <= maxSmallBytes);
      const bytes = isSmall ? await checkedBytes(hub, commit, file) : await weightHead(hub, commit, file);
      digests.set(file.name, digestOf(file.sha256 ?? sha256Hex(bytes)));
      await writeSketch(join(folder, file.name), bytes, file.sizeBytes);
    }
    return { folder, digests, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function writeSketch(path: string, bytes: Buffer, sizeBytes: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.truncate(sizeBytes);
  } finally {
    await file.close();
  }
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

async function weightHead(hub: Hub, commit: string, file: HubFile): Promise<Buffer> {
  const bytes = hub.open(commit, file);
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
