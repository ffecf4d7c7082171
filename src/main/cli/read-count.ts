import { appError } from '../../shared/errors/app-error.ts';

/** The whole number that an option was given. Throws `usage.invalid`, which names the option, the value and what would be right. */
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
