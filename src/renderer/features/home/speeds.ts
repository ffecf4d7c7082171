import { create } from 'zustand';

const keptAnswers = 40;

/** Tokens per second of each site's last answers, oldest first, as seen by this page since it was opened. */
export const useSpeeds = create<Record<string, readonly number[]>>(() => ({}));

const seen = new Map<string, string>();

interface Reported {
  site: string;
  measured: Readonly<Record<string, number | string | boolean>>;
}

/** Adds the speeds of answers that ended since the last call. */
export function noteSpeeds(parts: readonly Reported[]): void {
  for (const { site, measured } of parts) {
    const { tokensPerSecond, requests } = measured;
    if (typeof tokensPerSecond !== 'number' || tokensPerSecond <= 0) continue;
    // The same speed of another answer counts again.
    const answer = `${requests} ${tokensPerSecond}`;
    if (seen.get(site) === answer) continue;
    seen.set(site, answer);
    const before = useSpeeds.getState()[site] ?? [];
    useSpeeds.setState({ [site]: [...before, tokensPerSecond].slice(-keptAnswers) });
  }
}
