import type { z } from 'zod';

/** How the checker's own messages begin. */
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

/** What would be right instead of what a check refused, as an instruction; a message that was written for the field stays. */
export function issueText(issue: z.core.$ZodIssue): string {
  if (!libraryWords.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `give ${typeWords[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? `give ${String(issue.values[0])}`
        : `give one of: ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return isNumber(issue.origin)
        ? issue.inclusive === false
          ? `give more than ${issue.minimum}`
          : `give ${issue.minimum} or more`
        : `give at least ${issue.minimum} ${unitOf(issue.origin)}`;
    case 'too_big':
      return isNumber(issue.origin)
        ? issue.inclusive === false
          ? `give less than ${issue.maximum}`
          : `give ${issue.maximum} or less`
        : `give at most ${issue.maximum} ${unitOf(issue.origin)}`;
    case 'unrecognized_keys':
      return `there is no such field: ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'invalid_union':
      return 'it has none of the known forms';
    case 'invalid_format':
      if (issue.format === 'url') return 'give a URL that starts with http:// or https://';
      return `it has not the form of ${issue.format}`;
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
