import { parse } from 'yaml';
import type { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { readNamed } from '../files/read-bounded.ts';

const limitBytes = 1024 * 1024;

/**
 * Reads a YAML file of at most 1 MiB and checks it. `what` names it in errors: `file.missing`, `file.denied`,
 * `file.too-large`, or `input.invalid` with the fields that are wrong.
 */
export async function readYamlFile<T>(path: string, what: string, schema: z.ZodType<T>): Promise<T> {
  const text = (await readNamed(path, limitBytes, what)).toString('utf8');
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    const line = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : '';
    throw appError('input.invalid', { what, issues: [`not YAML: ${line.slice(0, 200)}`] });
  }
  const result = schema.safeParse(value);
  if (!result.success) throw appError('input.invalid', { what, issues: issueLines(result.error) });
  return result.data;
}
