import { describe, expect, it } from 'vitest';
import { compareFingerprint } from '../../../src/renderer/features/import/fingerprint-compare.ts';
import { type BadPlace, cellStates, makeCells } from '../../../src/renderer/features/import/part-cells.ts';
import { verifiedNow } from '../../../src/renderer/features/import/verified-media.ts';
import type { Damage } from '../../../src/shared/contract/bundle-read.ts';
import type { PlannedPart } from '../../../src/shared/contract/import-plan.ts';
import type { JobProgress, JobSnapshot } from '../../../src/shared/jobs.ts';

const mib = 1024 * 1024;
const part = (path: string, sizeBytes: number, more: Partial<PlannedPart> = {}): PlannedPart => ({
  ordinal: 1,
  path,
  sizeBytes,
  isHere: false,
  ...more,
});
const job = (kind: string, step: string, done: number, lanes?: JobProgress['lanes']): JobSnapshot => ({
  id: 'j',
  kind,
  title: '',
  state: 'running',
  steps: [{ id: step, title: '', state: 'working' }],
  progress: { done, unit: 'bytes', ...(lanes && { lanes }) },
  logTail: [],
  seq: 1,
  startedAt: '',
  updatedAt: '',
  stepStartedAt: '',
});

describe('the map of parts', () => {
  const parts = [
    part('a', 40 * mib, { copyFromBytes: 0, verifyFromBytes: 0, kind: 'model', content: 'm' }),
    part('b', 10, { copyFromBytes: 40 * mib, verifyFromBytes: 40 * mib }),
    part('c', 20 * mib, { isHere: true, verifyFromBytes: 40 * mib + 10 }),
    part('d', 5 * mib, { kind: 'image', content: 'host/x:1', verifyFromBytes: 60 * mib + 10 }),
  ];
  const cells = makeCells(parts);
  const contents = ['m', 'host/x:1'].map((name) => ({
    kind: 'model' as const,
    name,
    digest: '',
    totalBytes: 0,
    hereBytes: 0,
    ordinals: [],
    ordinalCount: 0,
  }));
  const states = (running?: JobSnapshot, bad: BadPlace[] = []) =>
    cellStates(cells, { contents, job: running, bad }).join(' ');

  it('cuts large files into squares and keeps small ones', () => {
    expect(cells.map((cell) => [cell.part.path, cell.sizeBytes])).toEqual([
      ['a', 16 * mib],
      ['a', 16 * mib],
      ['a', 8 * mib],
      ['b', 10],
      ['c', 16 * mib],
      ['c', 4 * mib],
      ['d', 5 * mib],
    ]);
    const huge = makeCells([part('x', 400 * 1024 * mib), part('empty', 0)]);
    expect(huge.length).toBeLessThanOrEqual(602);
    expect(huge.at(-1)).toMatchObject({ sizeBytes: 0 });
  });

  it('follows the copying, and leaves the other squares unchanged', () => {
    expect(states()).toBe('todo todo todo todo done done todo');
    expect(states(job('imports.run', 'copy', 0))).toBe('todo todo todo todo done done todo');
    expect(states(job('imports.run', 'copy', 17 * mib))).toBe('done working todo todo done done todo');
    expect(states(job('imports.run', 'copy', 40 * mib + 10))).toBe('done done done done done done todo');
  });

  it('follows images by name, not by layer, beside the copying', () => {
    const beside = (copied: number, item?: string) => ({
      copy: { done: copied, total: 40 * mib + 10 },
      images: { done: 5, total: 5, ...(item && { item }) },
    });
    const during = (copied: number, item?: string) =>
      states(job('imports.run', 'copy', copied + 5, beside(copied, item)));
    expect(during(17 * mib, 'host/x:1: Pulling')).toBe('done working todo todo done done working');
    expect(during(17 * mib)).toBe('done working todo todo done done done');
    expect(during(40 * mib + 10, 'host/x:1')).toBe('done done done done done done working');
    expect(states(job('imports.run', 'lay-out', 1))).toBe('done done done done done done done');
  });

  it('follows a verification of all files, and shows where the damage is', () => {
    const bad = [{ medium: 'a-1', path: 'a', offsetBytes: 16 * mib, lengthBytes: 16 * mib }];
    expect(states(job('bundle.verify', 'read', 41 * mib), bad)).toBe('done bad done done working todo todo');
    expect(states(undefined, bad)).toBe('todo bad todo todo done done todo');
  });
});

describe('a verification', () => {
  const media = [
    {
      ordinal: 1,
      label: 'a-1',
      path: '/mnt/a',
      sizeBytes: 1,
      files: 1,
      isNeeded: false,
      signature: { keyId: '', words: '', trusted: true },
    },
    {
      ordinal: 2,
      label: 'a-2',
      path: '/mnt/b',
      sizeBytes: 1,
      files: 1,
      isNeeded: false,
      signature: { keyId: '', words: '', trusted: true },
    },
  ];
  const verified = {
    ...{
      id: 'x',
      media,
      missingMedia: [],
      isHeadSeen: true,
      blocksChecked: 1,
      bytesChecked: 1,
      remedies: [],
      findings: [],
    },
    ...{ signature: { keyId: '', words: '', trusted: true }, damage: [] as Damage[], damageCount: 0, durationMs: 1 },
  };
  const [first, second] = media.map(({ path: _path, ...away }, at) => media.map((one, n) => (n === at ? away : one)));
  const damaged = (...labels: string[]) => {
    const damage = labels.map((medium) => ({ ...place, medium }));
    return { ...verified, damage, damageCount: damage.length };
  };
  const place = { path: 'blob', block: 0, offsetBytes: 0, lengthBytes: 1, kind: 'block' as const };

  it('applies only to the media that were read', () => {
    expect(verifiedNow(verified, { id: 'x', media: [...media].reverse() }, [])).toBe(verified);
    expect(verifiedNow(verified, { id: 'y', media }, [])).toBeUndefined();
    expect(verifiedNow(verified, { id: 'x', media: first ?? [] }, [])).toBeUndefined();
    expect(verifiedNow({ ...verified, media: second ?? [] }, { id: 'x', media }, [])).toBeUndefined();
    expect(verifiedNow(verified, { id: 'x', media }, ['a-2'])).toBeUndefined();
  });

  it('loses the damage of a medium that was removed, and keeps that of the others', () => {
    const labelsOf = (now: ReturnType<typeof verifiedNow>) => now?.damage.map((one) => one.medium);
    expect(labelsOf(verifiedNow(damaged('a-1', 'a-2'), { id: 'x', media }, []))).toEqual(['a-1', 'a-2']);
    expect(labelsOf(verifiedNow(damaged('a-1', 'a-2'), { id: 'x', media: first ?? [] }, []))).toEqual(['a-2']);
    expect(verifiedNow(damaged('a-1'), { id: 'x', media: first ?? [] }, [])).toBeUndefined();
    // Connected again: it may be another copy.
    expect(verifiedNow(damaged('a-1'), { id: 'x', media }, ['a-1'])).toBeUndefined();
    expect(verifiedNow(damaged('a-1', 'a-2'), { id: 'x', media }, ['a-1'])?.damageCount).toBe(1);
  });

  it('keeps the remedies of the media that are still damaged', () => {
    const remedies = ['a-1', 'a-2'].map((medium) => ({ kind: 'steps' as const, steps: [`Copy to ${medium} again`] }));
    const both = { ...damaged('a-1', 'a-2'), remedies };
    expect(verifiedNow(both, { id: 'x', media }, [])?.remedies).toEqual(remedies);
    expect(verifiedNow(both, { id: 'x', media }, ['a-1'])?.remedies).toEqual(remedies.slice(1));
  });

  it('keeps a missing medium only until it is connected', () => {
    const missing = {
      ...verified,
      damage: [{ ...place, medium: 'a-1', kind: 'missing-medium' as const }],
      damageCount: 1,
    };
    expect(verifiedNow(missing, { id: 'x', media: first ?? [] }, [])?.damageCount).toBe(1);
  });
});

describe('comparing a fingerprint', () => {
  const keyId = '0123456789abcdef'.repeat(4);
  const words = Array.from({ length: 16 }, (_, index) => `word${'abcdefghijklmnop'[index]}`).join(' ');
  const compare = (typed: string) => compareFingerprint(typed, { words, keyId });

  it.each([
    words,
    words.toUpperCase().replaceAll(' ', ',\n'),
    words
      .split(' ')
      .map((word, index) => `${index + 1}. ${word}`)
      .join('  '),
    keyId,
    keyId.slice(0, 32),
    `SHA256:${keyId.replace(/(..)(?=.)/g, '$1:')}`,
  ])('accepts %j', (typed) => expect(compare(typed)).toEqual({ kind: 'same' }));

  it.each([
    ['', { kind: 'short', given: 0, of: 16, unit: 'words' }],
    ['worda wordb', { kind: 'short', given: 2, of: 16, unit: 'words' }],
    [keyId.slice(0, 40), { kind: 'short', given: 40, of: 64, unit: 'digits' }],
    [words.replace('wordc', 'wordx'), { kind: 'differs', positions: [3], unit: 'words' }],
    [keyId.replace(/f$/, '0'), { kind: 'differs', positions: [64], unit: 'digits' }],
  ])('rejects %j and says where', (typed, result) => expect(compare(typed)).toEqual(result));
});
