import { type FileHandle, open } from 'node:fs/promises';
import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import { closeFile } from '../../files/close-file.ts';
import type { ByteRange } from '../../files/source-folder.ts';
import type { RemoteWatch } from '../../remote/back-off.ts';
import { RemoteBlocks } from '../../remote/remote-blocks.ts';
import type { RemoteHosts } from '../../remote/remote-hosts.ts';
import type { CopyOrder } from './copy-order.ts';
import { onFile } from './on-file.ts';

/** The bytes of a source, in a file or at an address. */
export interface ByteSource {
  /** The position of its first byte. */
  offsetBytes: number;
  /** Fills the buffer from a position on. `blockEnd`: the caller reads on to the end of this block. */
  fill(buffer: Buffer, position: number, blockEnd?: number): Promise<Buffer>;
  /** True where the first bytes of the next block ask for all of it: the ledger must have the block before. */
  isSplit?(): boolean;
  /** Throws `pack.source-changed` when the file is not the one that was planned with. */
  refuseChanged(): Promise<void>;
  close(): Promise<void>;
}

/** Opens what is to be copied. Throws `file.*`; an address is asked only when it is read. */
export async function openByteSource(
  { range, access }: Pick<CopyOrder, 'range' | 'access'>,
  watch: RemoteWatch,
  remotes: RemoteHosts | undefined,
): Promise<ByteSource> {
  if (!('url' in range)) return openFileSource(range);
  if (range.fetched) return memorySource(range.fetched);
  if (!access || !remotes) throw new Error(`${range.url} has no access`);
  const bytes = new RemoteBlocks(remotes.at(access), range, watch, remotes.slowBytesPerSecond);
  return {
    offsetBytes: 0,
    fill: (buffer, position, blockEnd) => bytes.fill(buffer, position, blockEnd),
    isSplit: () => bytes.isSplit(),
    // Its digest, or the one that the server states for this version, is checked instead.
    refuseChanged: async () => undefined,
    close: async () => bytes.close(),
  };
}

function memorySource(bytes: Uint8Array): ByteSource {
  return {
    offsetBytes: 0,
    fill: async (buffer, position) => {
      buffer.set(bytes.subarray(position, position + buffer.length));
      return buffer;
    },
    refuseChanged: async () => undefined,
    close: async () => undefined,
  };
}

async function openFileSource(range: ByteRange): Promise<ByteSource> {
  const { path } = range;
  const file = await onFile(path, 'read', open(path, 'r'));
  return {
    offsetBytes: range.offsetBytes,
    fill: (buffer, position) => onFile(path, 'read', readFull(file, buffer, position, path)),
    refuseChanged: () => refuseChanged(file, range),
    close: () => closeFile(file),
  };
}

async function readFull(source: FileHandle, buffer: Buffer, position: number, path: string): Promise<Buffer> {
  for (let done = 0; done < buffer.length; ) {
    const { bytesRead } = await source.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) throw changed(path, 'it became shorter');
    done += bytesRead;
  }
  return buffer;
}

async function refuseChanged(source: FileHandle, range: ByteRange): Promise<void> {
  const stats = await onFile(range.path, 'read', source.stat({ bigint: true }));
  if (Number(stats.size) !== range.fileSizeBytes) throw changed(range.path, `it has ${stats.size} bytes now`);
  if (Number(stats.mtimeNs) / 1e6 !== range.fileMtimeMs) throw changed(range.path, 'it was written to');
}

function changed(path: string, message: string): AppError {
  return appError('pack.source-changed', { path }, message);
}
