import { z } from 'zod';
import { withinBudget } from './bounded-text.ts';
import { countText } from './count-text.ts';
import { steps } from './errors/define.ts';
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

/**
 * Returns the findings that fit into an answer with this many bytes for them. One more says how many were left out, and is red if one of
 * those is.
 */
export function boundedFindings(findings: readonly Finding[], bytes: number): Finding[] {
  const shown = withinBudget(findings, bytes);
  const rest = findings.slice(shown.length);
  if (rest.length === 0) return shown;
  const worst = (['red', 'amber', 'green'] as const).find((severity) => rest.some((one) => one.severity === severity));
  return [
    ...shown,
    {
      id: 'findings.more',
      severity: worst ?? 'green',
      title: `… and ${countText(rest.length, 'more finding')}.`,
      remedies: [steps('Deal with those that are shown, then run the command again: it shows the next.')],
    },
  ];
}
