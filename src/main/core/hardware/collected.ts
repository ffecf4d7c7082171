import type { NotKnown } from '../../../shared/machine.ts';

/** Facts of one kind, and what could not be found out. */
export interface Collected<T> {
  facts: T;
  notKnown: NotKnown[];
}

/** What the work gives, or undefined when it throws or takes longer; it is then not waited for. */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([work.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One entry of `notKnown`, its reason on one line and of bounded length. */
export function unknownFact(what: NotKnown['what'], why: string): NotKnown {
  return { what, why: oneLine(why) };
}

/** The first line that says something, without control characters, at most 300 characters. */
export function oneLine(text: string): string {
  const line = text.split(/[\r\n]+/).find((one) => one.trim() !== '') ?? '';
  return line
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 300);
}
