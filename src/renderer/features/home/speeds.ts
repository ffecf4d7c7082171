import { create } from 'zustand';

const keptAnswers = 40;

/** Tokens per second of each site's last answers, oldest first, as seen by this page since it was opened. */
export const useSpeeds = create<Record<string, readonly number[]>>(() => ({}));

interface Reported {
  site: string;
  measured: Readonly<Record<string, number | string | boolean>>;
}

/**
 * Adds the speeds of answers that ended since the last call. An engine reports the speed of its last answer until the next one ends, so only
 * another speed is another answer; answers between two calls, and one of exactly the same speed, are missed.
 */
export function noteSpeeds(parts: readonly Reported[]): void {
  for (const { site, measured } of parts) {
    const { tokensPerSecond } = measured;
    const before = useSpeeds.getState()[site] ?? [];
    if (typeof tokensPerSecond !== 'number' || tokensPerSecond <= 0 || tokensPerSecond === before.at(-1)) continue;
    useSpeeds.setState({ [site]: [...before, tokensPerSecond].slice(-keptAnswers) });
  }
}
