import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { z } from 'zod';

/** Run this after a change to a schema: it writes `resources/schemas` again. */
const command =
  'SEALIFT_WRITE_SCHEMAS=1 npx vitest run test/unit/shared/published-schemas.test.ts; npx biome check --write resources/schemas';

/**
 * Expects that `resources/schemas/<name>.schema.json` is what the code checks; the failure prints the command that writes it again.
 * With SEALIFT_WRITE_SCHEMAS=1 it is written first.
 */
export async function expectPublished(name: string, title: string, schema: z.ZodType): Promise<void> {
  const path = `resources/schemas/${name}.schema.json`;
  const now = JSON.parse(JSON.stringify({ ...z.toJSONSchema(schema, { io: 'input' }), title }));
  if (process.env.SEALIFT_WRITE_SCHEMAS === '1') await writeFile(path, `${JSON.stringify(now, undefined, 2)}\n`);
  const published: unknown = JSON.parse(await readFile(path, 'utf8'));
  expect(published, `${path} is out of date. Write it again: ${command}`).toEqual(now);
}
