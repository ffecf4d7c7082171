import type { z } from 'zod';
import { boundedTexts } from './bounded-text.ts';

/** How zod's own messages start. */
const libraryWords = /^(Invalid|Too|Unrecognized)/;
const typeWords: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a group of fields',
  record: 'a group of fields',
  array: 'a list',
};

/** Turns a validation issue into an instruction for fixing it; a message written for the field is kept. */
export function issueText(issue: z.core.$ZodIssue): string {
  if (!libraryWords.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeWords[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of: ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return isNumber(issue.origin)
        ? issue.inclusive === false
          ? `must be more than ${issue.minimum}`
          : `must be ${issue.minimum} or more`
        : `must have at least ${issue.minimum} ${unitOf(issue.origin)}`;
    case 'too_big':
      return isNumber(issue.origin)
        ? issue.inclusive === false
          ? `must be less than ${issue.maximum}`
          : `must be ${issue.maximum} or less`
        : `must have at most ${issue.maximum} ${unitOf(issue.origin)}`;
    case 'unrecognized_keys':
      return `unknown field: ${boundedTexts(issue.keys.map((key) => JSON.stringify(key))).join(', ')}`;
    case 'invalid_union':
      return 'does not match any known form';
    case 'invalid_format':
      if (issue.format === 'url') return 'enter a URL that starts with http:// or https://';
      if (issue.format === 'regex') return 'has characters or a length that is not allowed here';
      return `is not a valid ${issue.format}`;
    default:
      return issue.message;
  }
}

function isNumber(origin: string): boolean {
  return ['number', 'int', 'bigint'].includes(origin);
}

function unitOf(origin: string): string {
  return origin === 'string' ? 'characters' : 'entries';
}
