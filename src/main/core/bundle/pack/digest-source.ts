import { createHash } from 'node:crypto';
import type { ByteRange } from '../../files/source-folder.ts';
import { openByteSource } from './byte-source.ts';
import type { CopyWatch } from './copy-order.ts';

const readBytes = 1024 * 1024;

/** Returns the SHA-256 (hex) of bytes on disk. Throws `file.*`, `pack.source-changed`. */
export async function digestSource(range: ByteRange, watch: CopyWatch): Promise<string> {
  const source = await openByteSource({ range }, watch, undefined);
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.min(readBytes, range.sizeBytes));
    for (let done = 0; done < range.sizeBytes; done += buffer.length) {
      watch.signal.throwIfAborted();
      const wanted = buffer.subarray(0, Math.min(buffer.length, range.sizeBytes - done));
      hash.update(await source.fill(wanted, source.offsetBytes + done));
      watch.onBytes(wanted.length);
    }
    await source.refuseChanged();
    return hash.digest('hex');
  } finally {
    await source.close();
  }
}
