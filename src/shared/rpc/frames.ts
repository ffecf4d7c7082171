import { z } from 'zod';
import { boundedText } from '../bounded-text.ts';
import type { WireError } from '../errors/errors-from.ts';
import { remedySchema } from '../errors/remedy-schema.ts';
import { issueText } from '../issue-text.ts';
import { maxFrameChars } from './frame-limit.ts';

/** Maximum number of open calls on one connection. */
export const maxOpenCalls = 256;
/** How many stream items may be in flight before the reader asks for more. */
export const streamCredit = 64;

const id = z.int().positive();

/** Validates an error received over the wire. */
export const wireError = z.object({
  code: z.string(),
  message: z.string(),
  cause: z.string().optional(),
  details: z.record(z.string(), z.unknown()),
  remedies: z.array(remedySchema),
  retryable: z.boolean(),
  exitCode: z.union([z.literal(2), z.literal(3), z.literal(4), z.literal(130)]),
  ref: z.string().optional(),
}) as unknown as z.ZodType<WireError>;

/** Frames from a client: start a call, stop one, or let a stream send `n` more items. */
export const clientFrame = z.discriminatedUnion('k', [
  z.strictObject({ k: z.literal('call'), id, m: z.string().max(100), a: z.unknown() }),
  z.strictObject({ k: z.literal('stop'), id }),
  z.strictObject({ k: z.literal('more'), id, n: z.int().positive().max(1000) }),
]);
/** Frames from a server: a stream item, the end with a value, or the end with an error. */
export const serverFrame = z.discriminatedUnion('k', [
  z.strictObject({ k: z.literal('item'), id, v: z.unknown() }),
  z.strictObject({ k: z.literal('ok'), id, v: z.unknown() }),
  z.strictObject({ k: z.literal('err'), id, e: wireError }),
]);

/** Parses one frame, or returns the problem in one line. Never throws. */
export function parseFrame<T>(text: unknown, schema: z.ZodType<T>): { frame: T } | { problem: string } {
  if (typeof text !== 'string') return { problem: 'not a text' };
  if (text.length > maxFrameChars) return { problem: `longer than ${maxFrameChars} characters` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'not JSON' };
  }
  const result = schema.safeParse(value);
  return result.success ? { frame: result.data } : { problem: 'not a known frame' };
}

/** Returns validation problems as short lines that name the field. */
export function issueLines(error: z.ZodError): string[] {
  return error.issues
    .slice(0, 10)
    .map((issue) => boundedText(`${boundedText(issue.path.map(String).join('.')) || 'value'}: ${issueText(issue)}`));
}
