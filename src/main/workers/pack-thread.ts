import { join } from 'node:path';
import { Beside } from '../core/bundle/pack/beside.ts';
import { CopyTools, copyBlob } from '../core/bundle/pack/copy-blob.ts';
import type { CopyResult } from '../core/bundle/pack/copy-order.ts';
import { digestSource } from '../core/bundle/pack/digest-source.ts';
import type { PackJob } from '../core/bundle/pack/pack-thread.ts';
import { ReadBack, type ReadBackResult } from '../core/bundle/pack/read-back.ts';
import { saveImages } from '../core/bundle/pack/save-images.ts';
import type { SaveResult } from '../core/bundle/sources/save-order.ts';
import { gatherBytes } from '../core/processes/gather-bytes.ts';
import { threadBody } from '../core/processes/thread.ts';
import { RemoteHosts } from '../core/remote/remote-hosts.ts';

const readBack = new ReadBack();
// A token of a registry is good for one repository: several blobs share it.
const remotes = new RemoteHosts();
let tools: CopyTools | undefined;

threadBody<PackJob, CopyResult | ReadBackResult | SaveResult | string, number | string>(
  async (job, { signal, emit }) => {
    const done = gatherBytes((bytes) => emit(bytes));
    const watch = { signal, onBytes: (bytes: number) => done.add(bytes, ''), say: emit };
    const result = await resultOf(job, watch);
    done.flush();
    return result;
  },
);

function resultOf(job: PackJob, watch: Parameters<typeof copyBlob>[1]) {
  switch (job.kind) {
    case 'copy':
      tools ??= new CopyTools(remotes, () => new Beside(join(import.meta.dirname, 'beside-thread.js'), watch.signal));
      return copyBlob(job.order, watch, tools);
    case 'digest':
      return digestSource(job.order, watch);
    case 'read-back':
      return readBack.check(job.order, watch);
    case 'save':
      return saveImages(job.order, watch);
  }
}
