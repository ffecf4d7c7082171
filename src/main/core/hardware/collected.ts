import type { NotKnown } from '../../../shared/machine.ts';

/** Facts of one kind, and what is unknown. */
export interface Collected<T> {
  facts: T;
  notKnown: NotKnown[];
}

/** One entry of `notKnown`, its reason on one line and of bounded length. */
export function unknownFact(what: NotKnown['what'], why: string): NotKnown {
  return { what, why: oneLine(why) };
}

/** Returns the first line that is not empty, without control characters, at most 300 characters long. */
export function oneLine(text: string): string {
  const line = text.split(/[\r\n]+/).find((one) => one.trim() !== '') ?? '';
  return line
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 300);
}
