import { expect, it } from 'vitest';
import { readiness } from '../../../src/shared/readiness.ts';
import { goodMachine } from '../../scenes/machines.ts';

it('lets later versions add fields, and refuses another kind or version', () => {
  const data = {
    kind: 'sealift.readiness',
    version: 1,
    createdAt: '2026-01-01T00:00:00Z',
    toolVersion: '1',
    machine: goodMachine(),
    findings: [],
  };
  expect(readiness.safeParse({ ...data, later: true }).success).toBe(true);
  expect(readiness.safeParse({ ...data, version: 2 }).success).toBe(false);
  expect(readiness.safeParse({ ...data, kind: 'other' }).success).toBe(false);
});
