import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maxEnvelopeBytes, mediumPayloadType } from '../../../src/main/core/bundle/format/format.ts';
import { startSealift } from '../../run-sealift.ts';
import { newSigner, someBytes, writeAt, writeMedia } from '../../scenes/write-media.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-unsigned-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Fills an envelope of the largest size that is read: `head`, then `piece` over and over, then `tail`. */
function filled(head: string, piece: string, tail: string): Buffer {
  const bytes = Buffer.alloc(maxEnvelopeBytes, piece);
  bytes.write(head);
  bytes.write(tail, maxEnvelopeBytes - Buffer.byteLength(tail));
  return bytes;
}

const start = `{"payloadType":"${mediumPayloadType}","payload":"`;
const rows: [what: string, problem: string, envelope: () => Buffer][] = [
  ['brackets', 'nested', () => filled('[', '[', '[')],
  ['objects in objects', 'nested', () => filled('{"a":', '{"a":', '1')],
  ['empty signatures', 'values', () => filled(`${start}","signatures":[{}`, ',{}', ']}')],
  ['members', 'twice', () => filled('{"a":1', ',"a":1', '}')],
  ['white space', 'text', () => filled(' ', ' ', ' ')],
  ['digits', 'text', () => filled('1', '1', '1')],
  ['escaped quotes', 'values', () => filled('"a', '\\"', 'a"')],
  ['a text without end', 'JSON', () => filled(start, 'A', 'A')],
  ['backslashes', 'JSON', () => filled(start, '\\', '\\')],
  ['payload that is not base64', 'base64', () => filled(start, '-', '"}')],
  ['a type without end', 'long texts', () => filled('{"payloadType":"', 'A', '"}')],
  ['a signature without end', 'long texts', () => filled(`${start}","signatures":[{"sig":"`, 'A', '"}]}')],
  ['a key without end', 'long texts', () => filled(`${start}","signatures":[{"publicKey":"`, 'A', '"}]}')],
  ['payloads in turns', 'text', () => filled(`${start}"`, `,"payload":""`, '}')],
  ['lists in lists', 'values', () => filled('[', '[],', '1]')],
  ['a name without end', 'name', () => filled('{"', 'a', '":1}')],
];

describe('64 MiB of envelope that no one signed', () => {
  // 20 million objects take gigabytes: a heap of 64 MB fails when any of this is built before it is refused.
  it.each(rows)('is refused within a small heap: %s', async (_what, problem, envelope) => {
    const { dirs } = writeMedia(folder, {
      contents: [{ kind: 'model', name: 'tiny', files: { 'model.gguf': someBytes(1000, 'm') } }],
      signer: newSigner(),
    });
    writeAt(dirs[0] ?? '', 'sealift/media.json', envelope());
    const env = { ...process.env, NODE_OPTIONS: '--max-old-space-size=64' };
    const run = await startSealift(['--home', join(folder, 'home'), '--json', 'bundle', 'verify', ...dirs], { env })
      .ended;
    expect(run).toMatchObject({ exitCode: 3, json: { error: { code: 'bundle.malformed' } } });
    expect(run.json.error?.message).toContain(problem);
  });
});

describe('what travels with its own signature', () => {
  const contents = [{ kind: 'model' as const, name: 'tiny', files: { 'model.gguf': someBytes(1000, 'm') } }];
  const env = { ...process.env, NODE_OPTIONS: '--max-old-space-size=64' };
  const verify = (...dirs: string[]) =>
    startSealift(['--home', join(folder, 'home'), '--json', 'bundle', 'verify', ...dirs], { env }).ended;

  it('costs no more than an envelope where it is a second signature of 64 MiB', async () => {
    const { dirs, signer } = writeMedia(folder, { contents });
    await startSealift(['--home', join(folder, 'home'), 'key', 'trust', signer.keyId]).ended;
    const [dir = ''] = dirs;
    for (const piece of ['[', ',{}', '{"a":']) {
      writeAt(dir, 'sealift/countersignature.json', filled(piece, piece, ']'));
      expect(await verify(dir)).toMatchObject({ exitCode: 0, json: { ok: true } });
    }
  });

  it('is refused where it is a notice of 64 MiB', async () => {
    const { dirs } = writeMedia(folder, { contents });
    writeAt(dirs[0] ?? '', 'sealift/key-notices.jsonl', filled('[', '[', '['));
    expect(await verify(...dirs)).toMatchObject({ exitCode: 3, json: { error: { code: 'file.too-large' } } });
  });

  // 999 media with 100 notices each took half a minute and 800 MB.
  it('is refused where there are more notices than any bundle carries', async () => {
    for (const medium of Array.from({ length: 11 }, (_, at) => `m${at}`)) {
      writeAt(join(folder, 'stick', medium), 'sealift/media.json', '{}');
      const lines = Array.from({ length: 100 }, (_, at) => `{"${medium}":${at}}\n`).join('');
      writeAt(join(folder, 'stick', medium), 'sealift/key-notices.jsonl', lines);
    }
    const run = await verify(join(folder, 'stick'));
    expect(run).toMatchObject({ exitCode: 3, json: { error: { code: 'bundle.malformed' } } });
    expect(run.json.error?.message).toContain('notices about keys');
  });
});
