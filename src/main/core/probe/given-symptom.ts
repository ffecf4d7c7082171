import { givenHop, type Symptom } from './diagnose.ts';
import { jsonOf, observe } from './observation.ts';

/** What a person has of a failure. */
export interface GivenFailure {
  status?: number | undefined;
  /** The body of an answer, with or without its head as `curl --include` prints it. */
  body?: string | undefined;
  log?: string | undefined;
}

/** Returns the symptom of what a person gives. `error` says why the answer is no good one; absent when only its text can tell. */
export function givenSymptom(given: GivenFailure): { symptom: Symptom; error?: string } {
  const { head, body } = splitHead(given.body);
  const status = given.status ?? head?.status ?? null;
  const headers = head?.headers ?? {};
  const { failure, error } = judgeGiven(status, headers, body);
  return {
    symptom: {
      hop: givenHop,
      status,
      failure,
      headers,
      text: body ?? '',
      ...(given.log !== undefined && { log: withoutColours(given.log) }),
      // A saved answer is of any age, so its date says nothing about a clock.
      clockOffsetSeconds: null,
    },
    ...(error !== undefined && { error }),
  };
}

/** Judges an answer as the probe does. Without a status or a body, only what the other one shows counts. */
function judgeGiven(status: number | null, headers: Record<string, string>, body: string | undefined) {
  const isPage = body !== undefined && /^\s*</.test(body);
  if (status === null) return isPage ? { failure: 'not-json', error: 'the answer is a web page' } : fine;
  const isGood = status >= 200 && status < 300;
  if (isGood && body === undefined) return fine;
  const answer = { kind: 'answer' as const, status: isGood ? 200 : status, headers, text: body ?? '', latencyMs: 0 };
  const read = jsonOf(answer, observe(answer, new Date(0)));
  return 'outcome' in read && !read.outcome.ok ? { failure: read.outcome.failure, error: read.outcome.error } : fine;
}

const fine = { failure: 'said-no', error: undefined };

/** Splits off the heads that `curl --include` prints; the last one is the answer's. */
function splitHead(text: string | undefined): {
  head?: { status: number; headers: Record<string, string> };
  body: string | undefined;
} {
  const found = /^HTTP\/[\d.]+ (\d{3})[^\n]*\n((?:[^\n]+\n)*?)\r?\n/.exec(text ?? '');
  if (!found) return { body: text };
  const rest = splitHead(text?.slice(found[0].length));
  const lines = (found[2] ?? '').split(/\r?\n/).flatMap((line) => {
    const [name, ...value] = line.split(':');
    return name && value.length > 0 ? [[name.trim().toLowerCase(), value.join(':').trim()]] : [];
  });
  return rest.head ? rest : { ...rest, head: { status: Number(found[1]), headers: Object.fromEntries(lines) } };
}

function withoutColours(log: string): string {
  return log.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');
}
