import { z } from 'zod';
import { finding } from './finding.ts';
import { gitlabFacts } from './gitlab-facts.ts';
import { machine } from './machine.ts';

/**
 * The readiness of one machine, as printed by `sealift check` and carried to the connected side.
 * Published as `resources/schemas/readiness.schema.json`; within version 1 fields are only added.
 */
export const readiness = z.object({
  kind: z.literal('sealift.readiness'),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  /** Version of Sealift that checked the machine. */
  toolVersion: z.string().max(50),
  machine,
  findings: z.array(finding).max(200),
  /** Present only if a GitLab was named. */
  gitlab: gitlabFacts.optional(),
  /** In a readiness file for the connected side: a description of what was left out. */
  leftOut: z.array(z.string().max(200)).max(20).optional(),
});
export type Readiness = z.infer<typeof readiness>;
