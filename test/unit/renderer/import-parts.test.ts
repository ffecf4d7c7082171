import { describe, expect, it } from 'vitest';
import { compareFingerprint } from '../../../src/renderer/features/import/fingerprint-compare.ts';
import { cellStates, makeCells } from '../../../src/renderer/features/import/part-cells.ts';
import { isOfPlan } from '../../../src/renderer/features/import/verified-media.ts';
import type { PlannedPart } from '../../../src/shared/contract/import-plan.ts';
import type { JobSnapshot } from '../../../src/shared/jobs.ts';

const mib = 1024 * 1024;
const part = (path: string, sizeBytes: number, more: Partial<PlannedPart> = {}): PlannedPart => ({
  ordinal: 1,
  path,
  sizeBytes,
  isHere: false,
  ...more,
});
const job = (kind: string, step: string, done: number, item = ''): JobSnapshot => ({
  id: 'j',
  kind,
  title: '',
  state: 'running',
  steps: [{ id: step, title: '', state: 'working' }],
  progress: { done, unit: 'bytes', item },
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
  }));
  const states = (running?: JobSnapshot, bad: { path: string; offsetBytes: number; lengthBytes: number }[] = []) =>
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

  it('follows the copying, and leaves alone what is not copied', () => {
    expect(states()).toBe('todo todo todo todo done done todo');
    expect(states(job('imports.run', 'copy', 0))).toBe('todo todo todo todo done done todo');
    expect(states(job('imports.run', 'copy', 17 * mib))).toBe('done working todo todo done done todo');
    expect(states(job('imports.run', 'copy', 40 * mib + 10))).toBe('done done done done done done todo');
  });

  it('follows images by their name, not by layers', () => {
    expect(states(job('imports.run', 'images', 1, 'host/x:1: Pulling'))).toBe('done done done done done done working');
    expect(states(job('imports.run', 'lay-out', 1))).toBe('done done done done done done done');
  });

  it('follows the verification over everything, and shows damage where it is', () => {
    const bad = [{ path: 'a', offsetBytes: 16 * mib, lengthBytes: 16 * mib }];
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
  const verified = { id: 'x', media, damageCount: 0 };
  const [first, second] = media.map(({ path: _path, ...away }, at) => media.map((one, n) => (n === at ? away : one)));

  it('tells of the media that were read, and of no others', () => {
    expect(isOfPlan(verified, { id: 'x', media: [...media].reverse() })).toBe(true);
    expect(isOfPlan(verified, { id: 'y', media })).toBe(false);
    expect(isOfPlan(verified, { id: 'x', media: first ?? [] })).toBe(false);
    expect(isOfPlan({ ...verified, media: second ?? [] }, { id: 'x', media })).toBe(false);
  });

  it('keeps its damage when a medium was taken away', () => {
    expect(isOfPlan({ ...verified, damageCount: 1 }, { id: 'x', media: first ?? [] })).toBe(true);
  });
});

describe('comparing a fingerprint', () => {
  const keyId = '0123456789abcdef'.repeat(4);
  const words = Array.from({ length: 16 }, (_, index) => `word${'abcdefghijklmnop'[index]}`).join(' ');
  const compare = (typed: string) => compareFingerprint(typed, { words, keyId });

  it.each([
    words,
    words.toUpperCase().replaceAll(' ', ',\n'),
    keyId,
    keyId.slice(0, 32),
    `SHA256:${keyId.replace(/(..)(?=.)/g, '$1:')}`,
  ])('takes %j', (typed) => expect(compare(typed)).toEqual({ kind: 'same' }));

  it.each([
    ['', { kind: 'short', given: 0, of: 16, unit: 'words' }],
    ['worda wordb', { kind: 'short', given: 2, of: 16, unit: 'words' }],
    [keyId.slice(0, 40), { kind: 'short', given: 40, of: 64, unit: 'digits' }],
    [words.replace('wordc', 'wordx'), { kind: 'differs', positions: [3], unit: 'words' }],
    [keyId.replace(/f$/, '0'), { kind: 'differs', positions: [64], unit: 'digits' }],
  ])('refuses %j and says where', (typed, result) => expect(compare(typed)).toEqual(result));
});
