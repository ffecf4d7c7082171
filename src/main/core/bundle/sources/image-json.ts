import type { z } from 'zod';
import { appError } from '../../../../shared/errors/app-error.ts';
import { issueLines } from '../../../../shared/rpc/frames.ts';
import { jsonWithoutNulls } from '../format/oci-documents.ts';

/** Parses a document of an image at `path`; members that are `null` count as absent. Throws `pack.not-an-image` with the reason. */
export function parseImageJson<T>(path: string, schema: z.ZodType<T>, bytes: Uint8Array | undefined, what: string): T {
  if (!bytes) throw appError('pack.not-an-image', { path, reason: `its ${what} is missing` });
  let value: unknown;
  try {
    value = jsonWithoutNulls(bytes);
  } catch (error) {
    throw appError(
      'pack.not-an-image',
      { path, reason: `its ${what} is not valid: ${(error as Error).message}` },
      (error as Error).cause,
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const reason = `its ${what} is not valid (${issueLines(result.error).join('; ')})`;
  throw appError('pack.not-an-image', { path, reason });
}
