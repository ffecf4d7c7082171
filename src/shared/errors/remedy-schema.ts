import { z } from 'zod';
import type { Remedy } from './define.ts';

/** Validates a remedy read from the wire or from a data file. */
export const remedySchema: z.ZodType<Remedy> = z.union([
  z.object({ kind: z.literal('steps'), steps: z.array(z.string()) }),
  z.object({
    kind: z.literal('call'),
    label: z.string(),
    command: z.string(),
    method: z.string().optional(),
    input: z.unknown().optional(),
  }),
]) as z.ZodType<Remedy>;
