import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import type { Signer } from '../../../src/main/core/signing/dsse.ts';
import { judgeKey, lostTrust, readKeyBook } from '../../../src/main/core/signing/judge-key.ts';
import {
  keepNotices,
  noticesPath,
  noticesText,
  readNotices,
  type SignedNotice,
  signNotice,
} from '../../../src/main/core/signing/key-notices.ts';
import { trustKey, untrustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { newSigner, writeAt, writeMedia } from '../../scenes/write-media.ts';

const [packer, officer, next, afterNext, stranger] = Array.from({ length: 5 }, newSigner) as [
  Signer,
  Signer,
  Signer,
  Signer,
  Signer,
];
const now = new Date('2026-11-20T12:00:00Z');
const [past, future] = ['2026-11-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'];
let home = '';
let trustFile = '';

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sealift-notices-'));
  trustFile = join(home, 'trust.json');
  await trustKey(trustFile, { fingerprint: packer.keyId }, { now, label: 'packer' });
  await trustKey(trustFile, { fingerprint: officer.keyId.slice(0, 32) }, { now, label: 'officer' });
});
afterEach(() => rm(home, { recursive: true, force: true }));

const revoked = (key: Signer, by: Signer) =>
  signNotice({ version: 1, kind: 'revoked', key: key.keyId, at: past, reason: 'laptop stolen' }, by);
const replaced = (key: Signer, by: Signer, successor: Signer) =>
  signNotice({ version: 1, kind: 'replaced', key: key.keyId, at: past, by: successor.keyId }, by);
const expires = (key: Signer, at: string) => signNotice({ version: 1, kind: 'expires', key: key.keyId, at }, key);

/** A notice whose signature is that of another. */
function forged({ line }: SignedNotice, { line: other }: SignedNotice): SignedNotice {
  const envelope = { ...JSON.parse(line), signatures: JSON.parse(other).signatures };
  return { ...revoked(packer, packer), line: JSON.stringify(envelope) };
}

let written = 0;
function medium(signer: Signer, notices: SignedNotice[] | string): string[] {
  written += 1;
  const contents = [{ kind: 'files' as const, name: 'notes', files: { 'a.txt': Buffer.from('a') } }];
  const { dirs } = writeMedia(join(home, `media-${written}`), { signer, contents });
  const text = typeof notices === 'string' ? notices : noticesText(notices.map((one) => one.line));
  if (text !== '') writeAt(dirs[0] ?? '', 'sealift/key-notices.jsonl', text);
  return dirs;
}

function run(dirs: string[], overrideReason?: string) {
  const input = { dirs, store: join(home, 'store'), trustFile, engine: 'none', overrideReason };
  return importBundle({ ...input, workers: builtWorkers, now: () => now }, quietWork());
}

/** The code of the refusal, or the ids of the findings. */
const outcome = (dirs: string[], overrideReason?: string) =>
  run(dirs, overrideReason).then(
    ({ findings }) => findings.map(({ id, severity }) => `${severity} ${id}`).join(', '),
    (error) => error.code as string,
  );

describe('notices about keys on a medium', () => {
  it.each<[string, () => [Signer, SignedNotice[] | string], string]>([
    ['none', () => [packer, ''], ''],
    ['a key revokes itself', () => [packer, [revoked(packer, packer)]], 'bundle.revoked-key'],
    ['a trusted key revokes another', () => [packer, [revoked(packer, officer)]], 'bundle.revoked-key'],
    ['a stranger revokes a key', () => [packer, [revoked(packer, stranger)]], 'amber key.notices-ignored'],
    ['someone forges a revocation', () => [packer, [forged(revoked(packer, packer), revoked(officer, officer))]], ''],
    ['lines that are no notices', () => [packer, `{}\n[[[[\n${'x'.repeat(5000)}\n`], ''],
    ['too many bytes', () => [packer, 'x'.repeat(65_537)], 'file.too-large'],
    [
      'a revoked key revokes another',
      () => [packer, [revoked(officer, officer), revoked(packer, officer)]],
      'amber key.notices-ignored',
    ],
    ['a stranger is revoked', () => [stranger, [revoked(stranger, stranger)]], 'bundle.revoked-key'],
    ['a key expired', () => [packer, [expires(packer, past)]], 'amber key.expired'],
    ['a key expires later', () => [packer, [expires(packer, future)]], ''],
    ['the earliest end counts', () => [packer, [expires(packer, future), expires(packer, past)]], 'amber key.expired'],
    ['a successor of a trusted key', () => [next, [replaced(packer, packer, next)]], 'bundle.new-key'],
    [
      'a successor through another key',
      () => [afterNext, [replaced(packer, packer, next), replaced(next, next, afterNext)]],
      'bundle.new-key',
    ],
    ['a successor that a stranger names', () => [next, [replaced(packer, stranger, next)]], 'bundle.untrusted'],
    ['a successor of a stranger', () => [next, [replaced(stranger, stranger, next)]], 'bundle.untrusted'],
    [
      'a successor of a revoked key',
      () => [next, [replaced(packer, packer, next), revoked(packer, packer)]],
      'bundle.untrusted',
    ],
    [
      'a revoked successor',
      () => [next, [replaced(packer, packer, next), revoked(next, officer)]],
      'bundle.revoked-key',
    ],
    ['the old key is still good', () => [packer, [replaced(packer, packer, next)]], ''],
  ])('%s', async (_what, given, expected) => {
    expect(await outcome(medium(...given()))).toBe(expected);
  });

  it('outlast the medium if they are about a trusted key or by one, even when the bundle is refused', async () => {
    const dirs = medium(packer, [revoked(packer, packer), revoked(stranger, stranger), revoked(next, officer)]);
    expect(await outcome(dirs)).toBe('bundle.revoked-key');
    expect((await readNotices(trustFile)).map(({ notice }) => notice.key)).toEqual([packer.keyId, next.keyId]);
    expect(await outcome(medium(packer, ''))).toBe('bundle.revoked-key');
    expect(await outcome(medium(packer, ''), 'nothing else is left')).toBe(
      'amber import.trust-overridden, red key.revoked',
    );
  });

  it('offer a successor with its words and never trust it unasked', async () => {
    const dirs = medium(next, [replaced(packer, packer, next)]);
    const error = await run(dirs).catch((thrown) => thrown);
    expect(error.wire.details).toMatchObject({ keyId: next.keyId, old: 'packer', label: 'packer' });
    expect(error.wire.remedies[1].command).toBe(`sealift key trust ${error.wire.details.words} --label packer`);
    expect(await outcome(dirs)).toBe('bundle.new-key');
    await trustKey(trustFile, { fingerprint: next.keyId }, { now });
    expect(await outcome(dirs)).toBe('');
  });

  it('of a thief leave room for the revocation of the stolen key', async () => {
    const keys = Array.from({ length: 120 }, (_, at) => at.toString(16).padStart(64, '0'));
    const crowd = keys.flatMap((key, at) => [
      signNotice({ version: 1, kind: 'revoked', key, at: past, reason: 'a crowd' }, packer),
      signNotice({ version: 1, kind: 'replaced', key: packer.keyId, at: past, by: key }, packer),
      signNotice({ version: 1, kind: 'revoked', key: officer.keyId, at: past, reason: `crowd ${at}` }, packer),
    ]);
    await keepNotices(trustFile, crowd.slice(0, 200));
    await keepNotices(trustFile, crowd.slice(200));
    await keepNotices(trustFile, [revoked(packer, packer)]);
    expect(judgeKey(await readKeyBook(trustFile), packer.keyId, now).state).toBe('revoked');
    const kept = await readNotices(trustFile);
    expect(kept.filter(({ notice }) => notice.key === officer.keyId)).toHaveLength(1);
    expect(kept.length).toBeGreaterThan(50);
  });

  it('keep the earliest end of a key', async () => {
    await keepNotices(trustFile, [expires(packer, future)]);
    await keepNotices(trustFile, [expires(packer, past)]);
    await keepNotices(trustFile, [expires(packer, future)]);
    expect((await readNotices(trustFile)).map(({ notice }) => notice.at)).toEqual([past]);
  });

  it('are kept once each', async () => {
    const one = expires(packer, future);
    for (let round = 0; round < 3; round += 1) await keepNotices(trustFile, [one, one]);
    expect(await readFile(noticesPath(trustFile), 'utf8')).toBe(`${one.line}\n`);
  });
});

describe('a key', () => {
  it.each<[string, SignedNotice[], string, string | undefined]>([
    ['without notices', [], 'valid', undefined],
    ['that was replaced', [replaced(packer, packer, next)], 'replaced', undefined],
    ['that expires later', [expires(packer, future)], 'valid', undefined],
    ['that expired', [expires(packer, past)], 'expired', 'expired 2026-11-01 00:00 UTC'],
    ['that was revoked', [revoked(packer, officer)], 'revoked', 'revoked 2026-11-01 00:00 UTC: laptop stolen'],
  ])('%s', async (_what, notices, state, why) => {
    await keepNotices(trustFile, notices);
    const book = await readKeyBook(trustFile);
    expect(judgeKey(book, packer.keyId, now).state).toBe(state);
    expect(lostTrust(book, packer.keyId, now)?.why).toBe(why);
  });

  it('has lost its trust when it is no longer in the list', async () => {
    await untrustKey(trustFile, 'packer');
    expect(lostTrust(await readKeyBook(trustFile), packer.keyId, now)).toEqual({
      severity: 'amber',
      why: 'no longer trusted',
    });
  });
});
