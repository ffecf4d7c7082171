import type { LineCounter } from 'yaml';
import { type Document, isNode, isScalar } from 'yaml';
import { z } from 'zod';
import { redact } from '../../../shared/errors/app-error.ts';
import { issueText } from '../../../shared/issue-text.ts';
import { siteFile } from '../../../shared/site-file.ts';
import type { RuleProblem } from './rule-problem.ts';

/** One thing to correct in a site file. `line` is 0 when it belongs to none. */
export interface SiteFileProblem {
  field: string;
  line: number;
  /** The value that was found, and what is expected. */
  problem: string;
  /** Only what is expected, for a form that shows the value itself. */
  expected?: string;
}

type Path = readonly PropertyKey[];
const maxProblems = 20;

/** Describes the schema's findings: field, line, the value found and what is expected. */
export function schemaProblems(error: z.ZodError, document: Document, lines: LineCounter): SiteFileProblem[] {
  const problems = error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [issueProblem(issue, document, lines)];
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return {
        ...place(path, document, lines),
        problem: `unknown field: remove it (known fields: ${known.join(', ')})`,
      };
    });
  });
  return problems.slice(0, maxProblems);
}

/** Describes the broken rules between fields, in the same form. */
export function ruleProblems(broken: RuleProblem[], document: Document, lines: LineCounter): SiteFileProblem[] {
  return broken.map(({ path, expected }) => ({
    ...place(path, document, lines),
    problem: `${shown(document.getIn(path, true))}: ${expected}`,
    expected,
  }));
}

function issueProblem(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): SiteFileProblem {
  const node = issue.path.length === 0 ? document.contents : document.getIn(issue.path, true);
  const isEmpty = issue.path.length === 0 && (node === null || (isScalar(node) && node.value === null));
  const value = isEmpty ? 'is empty' : shown(node);
  const todo = expected(issue, node);
  return { ...place(issue.path, document, lines), problem: `${value}: ${todo}`, expected: todo };
}

function place(path: Path, document: Document, lines: LineCounter): { field: string; line: number } {
  const field = path.map(String).join('.') || 'the file';
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const parent = document.getIn(path.slice(0, -1), true);
  const offset = isNode(node) ? node.range?.[0] : isNode(parent) ? parent.range?.[0] : undefined;
  return { field: redact(field.slice(0, 100)), line: offset === undefined ? 0 : lines.linePos(offset).line };
}

function shown(node: unknown): string {
  if (node === undefined || node === null) return 'is missing';
  if (!isScalar(node)) return 'has fields or a list';
  const text = typeof node.value === 'string' ? JSON.stringify(redact(node.value)) : String(node.source ?? node.value);
  return `is ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}

function expected(issue: z.core.$ZodIssue, node: unknown): string {
  // YAML reads 18.10 as the number 18.1; only quotes preserve it.
  const isBareNumber = issue.code === 'invalid_type' && isScalar(node) && typeof node.value === 'number';
  return isBareNumber && issue.expected === 'string'
    ? `write it in quotes: "${node.source ?? node.value}"`
    : issueText(issue);
}

function knownKeys(path: Path): string[] {
  let schema: z.core.JSONSchema.BaseSchema | undefined = z.toJSONSchema(siteFile, { io: 'input' });
  for (const key of path)
    schema = (schema?.properties?.[String(key)] ?? schema?.items) as z.core.JSONSchema.BaseSchema | undefined;
  return Object.keys(schema?.properties ?? {});
}
