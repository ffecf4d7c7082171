import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { readiness } from '../../../src/shared/readiness.ts';
import { goodMachine } from './machines.ts';

const path = 'resources/schemas/readiness.schema.json';

function published(): unknown {
  const title = 'Readiness of one machine, as `sealift check --report FILE.json` writes it';
  return JSON.parse(JSON.stringify({ ...z.toJSONSchema(readiness, { io: 'input' }), title }));
}

// SEALIFT_WRITE_SCHEMAS=1 npx vitest run test/unit/hardware/readiness-schema.test.ts && npm run format
it('is published as it is', () => {
  const now = published();
  if (process.env.SEALIFT_WRITE_SCHEMAS) writeFileSync(path, `${JSON.stringify(now, undefined, 2)}\n`);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(now);
});

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
