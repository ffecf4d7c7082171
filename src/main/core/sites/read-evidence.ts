import type { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { readBounded } from '../files/read-bounded.ts';

const maxEvidenceBytes = 4 * 1024 * 1024;

/**
 * Reads one recorded result of a site; null when there is none. Throws `file.too-large`, `file.denied`, `report.evidence-broken`.
 */
export async function readEvidence<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  const bytes = await readBounded(path, maxEvidenceBytes);
  if (bytes === undefined) return null;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw appError('report.evidence-broken', { path, issues: ['it is not JSON'] }, error);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw appError('report.evidence-broken', { path, issues: issueLines(result.error) });
  return result.data;
}
