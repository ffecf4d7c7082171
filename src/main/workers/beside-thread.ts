import { hashHere, type RunningHash } from '../core/bundle/format/block-hashes.ts';
import type { BesideJob, BesideResult } from '../core/bundle/pack/beside.ts';
import { UnpackedHash } from '../core/bundle/pack/unpacked-hash.ts';
import { threadBody } from '../core/processes/thread.ts';

const hashes = new Map<number, RunningHash>();
const layers = new Map<number, UnpackedHash>();

threadBody<BesideJob, BesideResult>(async (job) => {
  switch (job.kind) {
    case 'hash':
      begun(hashes, job.id, hashHere).update(bytesOf(job));
      return undefined;
    case 'unpack':
      await begun(layers, job.id, () => new UnpackedHash()).update(bytesOf(job));
      return undefined;
    case 'digest':
      return begun(hashes, job.id, hashHere).digest();
    case 'finish':
      return begun(layers, job.id, () => new UnpackedHash()).finish();
    case 'forget':
      for (const layer of layers.values()) layer.close();
      layers.clear();
      hashes.clear();
      return undefined;
  }
});

function begun<T>(all: Map<number, T>, id: number, begin: () => T): T {
  const one = all.get(id) ?? begin();
  all.set(id, one);
  return one;
}

function bytesOf({ bytes }: { bytes: Uint8Array }): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
