import { z } from 'zod';
import { timeText } from './time-text.ts';

/** What is known about a key now. */
export const keyCondition = z.object({
  /** `expired` and `revoked` count against what the key signed; a `replaced` one has a successor and is still good. */
  state: z.enum(['valid', 'replaced', 'expired', 'revoked']),
  /** When it was revoked or replaced; when it expires or did. */
  at: z.iso.datetime().optional(),
  /** Why it was revoked, or the words of its successor. */
  detail: z.string().optional(),
});
export type KeyCondition = z.infer<typeof keyCondition>;

/** Says the condition in words that follow the name of a key; empty for a valid key without an end. */
export function keyConditionText({ state, at = '', detail = '' }: KeyCondition): string {
  const when = timeText(at);
  if (state === 'revoked') return `revoked ${when}: ${detail}`;
  if (state === 'expired') return `expired ${when}`;
  if (state === 'replaced') return `replaced ${when} by ${detail}`;
  return at === '' ? '' : `valid until ${when}`;
}
