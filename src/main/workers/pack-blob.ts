import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../shared/errors/app-error.ts';
import { copyBlob, type FileFailure } from '../core/bundle/pack-copy.ts';
import { ReadBack } from '../core/bundle/pack-read-back.ts';
import type { PackAnswer, PackRequest, PackThreadData, PackThreadResult } from '../core/bundle/pack-worker-messages.ts';
import { saveImages } from '../core/bundle/save-images.ts';

const tellEveryBytes = 4 * 1024 * 1024;
const cancelled = Symbol('cancelled');
const { cancelled: cancelFlag } = workerData as PackThreadData;
const readBack = new ReadBack();
const port = parentPort;

port?.on('message', async (request: PackRequest) => port.postMessage(await answer(request)));

async function answer(request: PackRequest): Promise<PackAnswer> {
  const { id } = request;
  const told = new Told(id);
  const check = () => {
    if (Atomics.load(cancelFlag, 0) === 1) throw cancelled;
  };
  try {
    const count = (bytes: number) => told.add(bytes);
    const result = await resultOf(request, check, count);
    told.flush();
    return { id, result };
  } catch (thrown) {
    if (thrown === cancelled) return { id, cancelled: true };
    if (thrown instanceof AppError) return { id, error: thrown.wire };
    // Only plain failures are foreseen: anything else ends the thread and is reported as internal.
    if (thrown instanceof Error) throw thrown;
    return { id, failure: thrown as FileFailure };
  }
}

function resultOf(request: PackRequest, check: () => void, count: (bytes: number) => void): Promise<PackThreadResult> {
  switch (request.kind) {
    case 'copy':
      return copyBlob(request.order, { check, wrote: count });
    case 'read-back':
      return readBack.check(request.order, { check, read: count });
    case 'save':
      return saveImages(request.order, { check, wrote: count });
  }
}

class Told {
  readonly #id: number;
  #bytes = 0;

  constructor(id: number) {
    this.#id = id;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= tellEveryBytes) this.flush();
  }

  flush(): void {
    if (this.#bytes > 0) port?.postMessage({ id: this.#id, bytes: this.#bytes } satisfies PackAnswer);
    this.#bytes = 0;
  }
}
