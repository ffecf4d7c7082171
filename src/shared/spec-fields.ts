import { z } from 'zod';
import { contentNameProblem } from './content-path.ts';
import { isPlainLine } from './plain-text.ts';

/** Name of a content in `BUNDLE.yaml`. */
export const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'use at most 63 characters: lower-case letters, digits, ".", "_", "-"')
  .superRefine((name, context) => {
    const problem = contentNameProblem(name);
    if (problem) context.addIssue({ code: 'custom', message: `use another name: ${problem}` });
  })
  .describe('Name under which it is stored on the offline side.');

/** Path in `BUNDLE.yaml`. */
export const path = z.string().min(1).max(4096).describe("Absolute, or relative to this file's folder.");

/** Licence that `BUNDLE.yaml` states. */
export const licence = z
  .string()
  .min(1)
  .max(200)
  .refine(isPlainLine, 'use one line of plain text')
  .optional()
  .describe('Licence, preferably as an SPDX expression.');
