import type { NotKnown } from '../../../shared/machine.ts';
import { firstShownLine } from '../processes/shown-line.ts';

/** Facts of one kind, and what is unknown. */
export interface Collected<T> {
  facts: T;
  notKnown: NotKnown[];
}

/** One entry of `notKnown`, its reason on one line and of bounded length. */
export function unknownFact(what: NotKnown['what'], why: string): NotKnown {
  return { what, why: firstShownLine(why) };
}
