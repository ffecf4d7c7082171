import { expect, it } from 'vitest';
import { hangFindings } from '../../../src/main/core/site/status/hang-findings.ts';

const hangs = { times: 2, lastAt: '2026-05-01T09:00:00.000Z', lastSign: 'sent nothing for 700 s' };

it('says of a part that hung what was seen, and where its log is', () => {
  const [found] = hangFindings('lab', { parts: [{ name: 'front', hangs }, { name: 'model' }] });
  expect(found?.title).toBe('front hung and was restarted 2 times, last at 2026-05-01 09:00 UTC');
  expect(found?.consequence).toBe('It sent nothing for 700 s. Requests in that time may have failed.');
  expect(found?.remedies).toEqual([expect.objectContaining({ command: 'sealift logs --site lab --part front' })]);
});

it('names no log of a part for a model server in containers, whose parts may have other names', () => {
  const [found] = hangFindings('lab', { parts: [], modelHangs: hangs });
  expect(found?.title).toContain('model hung');
  expect(found?.remedies).toEqual([expect.objectContaining({ command: 'sealift logs --site lab' })]);
});

it('names which of several model servers in containers hung, and its log', () => {
  const [found] = hangFindings('lab', { parts: [], modelHangsOf: { 'model-coder': hangs } });
  expect(found?.title).toContain('model-coder hung');
  expect(found?.remedies).toEqual([expect.objectContaining({ command: 'sealift logs --site lab --part model-coder' })]);
});
