import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import type { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';

const limitBytes = 1024 * 1024;

/**
 * Reads a YAML file of at most 1 MiB and checks it. `what` names it in errors: `file.missing`, `file.denied`,
 * `file.too-large`, or `input.invalid` with the fields that are wrong.
 */
export async function readYamlFile<T>(path: string, what: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readBounded(path, what);
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

async function readBounded(path: string, what: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > limitBytes) throw appError('file.too-large', { path, limitBytes, sizeBytes: size });
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR')
      throw appError('file.missing', { path, what }, error);
    if (code === 'EACCES' || code === 'EPERM') throw appError('file.denied', { path, action: 'read' }, error);
    throw error;
  }
}
