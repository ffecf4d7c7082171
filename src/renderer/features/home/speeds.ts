import { create } from 'zustand';

const keptAnswers = 40;

/** Tokens per second of each site's last answers, oldest first, as seen by this page since it was opened. */
export const useSpeeds = create<Record<string, readonly number[]>>(() => ({}));

interface Reported {
  site: string;
  /** The part; of several models of a site, each reports its own speed. */
  name?: string;
  measured: Readonly<Record<string, number | string | boolean>>;
}

/**
 * Adds the speeds of answers that ended since the last call. An engine reports the speed of its last answer until the next one ends, so only
 * another speed is another answer; answers between two calls, and one of exactly the same speed, are missed.
 */
export function noteSpeeds(parts: readonly Reported[]): void {
  for (const { site, name = 'model', measured } of parts) {
    const { tokensPerSecond } = measured;
    const known = useSpeeds.getState();
    const own = name === 'model' ? site : `${site}/${name}`;
    if (typeof tokensPerSecond !== 'number' || tokensPerSecond <= 0 || tokensPerSecond === known[own]?.at(-1)) continue;
    const all = [...(known[site] ?? []), tokensPerSecond].slice(-keptAnswers);
    useSpeeds.setState({ [own]: [tokensPerSecond], [site]: all });
  }
}
