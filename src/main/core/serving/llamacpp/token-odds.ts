import type { Token } from 'node-llama-cpp';

interface Odds {
  token: string;
  logprob: number;
  /** Null for a token that is only a part of a character. */
  bytes: number[] | null;
}

/** The log probability of a token that was chosen, and of the likeliest ones in its place. */
export interface TokenOdds extends Odds {
  top: Odds[];
}

/** What OpenAI writes for a token that is as good as impossible. */
const leastLogprob = -9999;

/**
 * Returns the odds of a token by the model itself: llama.cpp's `probabilities` are those after the temperature, which is taken out again;
 * 0 changes none. A grammar's choice stays: the odds are among the tokens that it allows.
 */
export function tokenOdds(
  token: Token,
  probabilities: ReadonlyMap<Token, number>,
  { temperature, top, textOf }: { temperature: number; top: number; textOf(token: Token): string },
): TokenOdds {
  const scale = temperature === 0 ? 1 : temperature;
  let whole = 0;
  for (const probability of probabilities.values()) whole += probability ** scale;
  const odds = (one: Token, probability: number): Odds => {
    const text = textOf(one);
    const logprob = Math.max(leastLogprob, scale * Math.log(probability) - Math.log(whole));
    return { token: text, logprob, bytes: text.includes('\uFFFD') ? null : [...Buffer.from(text)] };
  };
  // The library returns the likeliest first.
  const likeliest: Odds[] = [];
  for (const [one, probability] of probabilities) {
    if (likeliest.length === top) break;
    likeliest.push(odds(one, probability));
  }
  return { ...odds(token, probabilities.get(token) ?? 0), top: likeliest };
}
