import type { Finding } from '../../../shared/finding.ts';
import { plainLine } from '../../../shared/plain-text.ts';
import { type HttpAnswer, httpFailures } from '../http/bounded-request.ts';

/**
 * Why a hop failed: no answer (`HttpFailure`), or an unusable answer.
 * `status`: another status than expected; `said-no`: the service itself reports a failure.
 */
export const hopFailures = [
  ...httpFailures,
  'status',
  'redirect',
  'empty',
  'not-json',
  'unexpected-shape',
  'empty-answer',
  'graphql-error',
  'said-no',
  'not-configured',
  'not-running',
  'out-of-memory',
  'off-network',
  'key-damaged',
] as const;
/** One of `hopFailures`. */
export type HopFailure = (typeof hopFailures)[number];

/** What one request showed; the input of the diagnosis. */
export interface Observation {
  status: number | null;
  headers: Record<string, string>;
  /** Start of the answer, or of the error where there was none; at most 4000 characters. */
  text: string;
  latencyMs: number;
  /** The other side's clock minus ours, by its Date header; null when it sent none. */
  clockOffsetSeconds: number | null;
}

/** How a hop ended. `answer` and `error` are uncut and may contain secrets: clean them first, then cut them. */
export type HopOutcome = (
  | { ok: true; seen: Observation; answer: string }
  | { ok: false; seen: Observation; failure: HopFailure; error: string }
) & {
  /** What the hop showed besides, whether it ended well or not. */
  findings?: Finding[];
};

const textChars = 4000;

/** Returns what is kept of an HTTP answer; `now` is our clock when it arrived. */
export function observe(answer: HttpAnswer, now: Date): Observation {
  if (answer.kind === 'failure')
    return { status: null, headers: {}, text: answer.detail, latencyMs: answer.latencyMs, clockOffsetSeconds: null };
  const theirs = Date.parse(answer.headers.date ?? '');
  return {
    status: answer.status,
    headers: answer.headers,
    text: answer.text.slice(0, textChars),
    latencyMs: answer.latencyMs,
    clockOffsetSeconds: Number.isNaN(theirs) ? null : Math.round((theirs - now.getTime()) / 1000),
  };
}

/** Returns a failed outcome with its observation. */
export function red(seen: Observation, failure: HopFailure, error: string): HopOutcome {
  return { ok: false, seen, failure, error };
}

/** Returns the JSON of an answer with status 200, or the failed outcome with the reason why there is none. */
export function jsonOf(answer: HttpAnswer, seen: Observation): { json: unknown } | { outcome: HopOutcome } {
  if (answer.kind === 'failure') return { outcome: red(seen, answer.failure, `no answer: ${answer.detail}`) };
  if (answer.status >= 300 && answer.status < 400) {
    const to = answer.headers.location ?? 'nowhere';
    return { outcome: red(seen, 'redirect', `status ${answer.status}, redirects to ${to}`) };
  }
  if (answer.status !== 200)
    return { outcome: red(seen, 'status', `status ${answer.status}: ${plainLine(answer.text)}`) };
  if (answer.text.trim() === '') return { outcome: red(seen, 'empty', 'status 200 with an empty answer') };
  try {
    return { json: JSON.parse(answer.text) };
  } catch {
    return { outcome: red(seen, 'not-json', `the answer is not JSON: ${plainLine(answer.text)}`) };
  }
}
