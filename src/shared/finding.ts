import { z } from 'zod';
import { remedySchema } from './errors/remedy-schema.ts';

/** A fact about a machine or a site, with its severity and remedies. */
export const finding = z.object({
  /** Stable name, `area.kebab-case`. */
  id: z.string(),
  severity: z.enum(['red', 'amber', 'green']),
  /** One line: the fact, with its numbers. */
  title: z.string(),
  /** One line: the consequence. */
  consequence: z.string().optional(),
  /** Empty only for green findings. */
  remedies: z.array(remedySchema),
  /** How Sealift found out: what it asked the system and the answer, shortened. */
  howWeKnow: z.string().optional(),
});
export type Finding = z.infer<typeof finding>;
