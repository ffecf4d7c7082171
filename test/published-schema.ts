import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { z } from 'zod';

/**
 * Expects that `resources/schemas/<name>.schema.json` says what the code checks. With SEALIFT_WRITE_SCHEMAS=1 it is written
 * anew first; `npm run format` then brings it into form.
 */
export async function expectPublished(name: string, title: string, schema: z.ZodType): Promise<void> {
  const path = `resources/schemas/${name}.schema.json`;
  const now = JSON.parse(JSON.stringify({ ...z.toJSONSchema(schema, { io: 'input' }), title }));
  if (process.env.SEALIFT_WRITE_SCHEMAS === '1') await writeFile(path, `${JSON.stringify(now, undefined, 2)}\n`);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(now);
}
