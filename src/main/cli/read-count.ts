import { appError } from '../../shared/errors/app-error.ts';

/** Parses an option's value as an integer. Throws `usage.invalid` with the option, the value and the allowed range. */
export function readCount(
  text: string,
  option: string,
  command: string,
  range: { least: number; most: number },
): number {
  const count = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (count >= range.least && count <= range.most) return count;
  const problem = `${option} ${text} is not a whole number from ${range.least} to ${range.most}`;
  throw appError('usage.invalid', { problem, command });
}
