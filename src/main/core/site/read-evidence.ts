import { readFile, stat } from 'node:fs/promises';
import type { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';

const maxEvidenceBytes = 4 * 1024 * 1024;

/** One recorded result of a site; null when there is none. Throws `file.too-large`, `report.evidence-broken`. */
export async function readEvidence<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return null;
  if (found.size > maxEvidenceBytes)
    throw appError('file.too-large', { path, limitBytes: maxEvidenceBytes, sizeBytes: found.size });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw appError('report.evidence-broken', { path, issues: ['it is not JSON'] }, error);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw appError('report.evidence-broken', { path, issues: issueLines(result.error) });
  return result.data;
}
