import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PartHashes } from '../../../src/main/core/bundle/format/block-hashes.ts';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { Flush } from '../../../src/main/core/bundle/pack/flush.ts';
import type { PackLine } from '../../../src/main/core/bundle/pack/pack-ledger.ts';
import { JsonLines } from '../../../src/main/core/files/json-lines.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-flush-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('enters a block once it is written, however slowly the medium flushes the one before', async () => {
  const [path, ledgerPath] = [join(folder, 'blob'), join(folder, 'ledger')];
  const file = await open(path, 'w');
  const ledger = await JsonLines.open<PackLine>(ledgerPath);
  const hashes = new PartHashes(3 * blockBytes);
  let endFlush: () => void = () => undefined;
  const datasync = vi.spyOn(file, 'datasync').mockReturnValue(
    new Promise((resolve) => {
      endFlush = resolve;
    }),
  );
  const entered = async () => (await readFile(ledgerPath, 'utf8')).split('\n').filter((line) => line !== '').length;
  const block = Buffer.alloc(blockBytes, 1);
  const write = (flush: Flush, index: number) => {
    const writing = Promise.all([file.write(block, 0, block.length, index * blockBytes), hashes.update(block)]);
    return flush.wrote(block.length, writing);
  };

  const flush = new Flush(file, { path, file: '1/blob' }, hashes, ledger);
  await write(flush, 0);
  const second = write(flush, 1);
  await vi.waitFor(async () => expect(await entered()).toBe(2));
  expect(datasync).toHaveBeenCalledOnce();

  endFlush();
  await second;
  await flush.end();
  await file.close();
  await ledger.close();
});
