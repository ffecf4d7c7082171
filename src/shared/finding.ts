import { z } from 'zod';
import { remedySchema } from './errors/remedy-schema.ts';

/** Something found out about a machine or a site: a fact, how grave it is, and the ways out. */
export const finding = z.object({
  /** Stable name, `area.kebab-case`. */
  id: z.string(),
  severity: z.enum(['red', 'amber', 'green']),
  /** One line: the fact with its numbers. */
  title: z.string(),
  /** One line: what follows from it. */
  consequence: z.string().optional(),
  /** Empty only for green findings. */
  remedies: z.array(remedySchema),
  /** What was asked of the system and what it said, shortened. */
  howWeKnow: z.string().optional(),
});
export type Finding = z.infer<typeof finding>;
