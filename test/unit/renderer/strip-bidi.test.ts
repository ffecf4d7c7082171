import { expect, it } from 'vitest';
import { stripBidi } from '../../../src/renderer/connection/strip-bidi.ts';
import { memoryPipes } from '../../../src/shared/rpc/pipe.ts';

it.each([
  ['an override', 'a\u202eb', 'a\ufffdb'],
  ['embeddings and their end', '\u202a\u202b\u202c', '\ufffd\ufffd\ufffd'],
  ['isolates', '\u2066x\u2069', '\ufffdx\ufffd'],
  [
    'letters that run from right to left, with marks and joiners',
    'שלום\u200f می\u200cخواهم',
    'שלום\u200f می\u200cخواهم',
  ],
])('keeps words in order: %s', async (_what, sent, shown) => {
  const [core, page] = memoryPipes();
  const received = new Promise<string>((resolve) => stripBidi(page).onFrame(resolve));
  void core.send(JSON.stringify({ name: sent }));
  expect(JSON.parse(await received)).toEqual({ name: shown });
});
