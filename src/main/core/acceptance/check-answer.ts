import { isDeepStrictEqual } from 'node:util';
import { Script } from 'node:vm';
import { parseYaml } from '../files/parse-yaml.ts';
import type { AcceptanceTask, Check } from './acceptance-catalog.ts';

/** A call that the model made. `arguments` is undefined when they are not a JSON object. */
export interface MadeCall {
  name: string;
  arguments: Record<string, unknown> | undefined;
}

/** What a model made of a task: its last words, and all its calls. */
export interface TaskAnswer {
  text: string;
  calls: MadeCall[];
}

/** Judges an answer by the checks of its task, each with a title for people. Runs nothing of what the model wrote. */
export function checkAnswer(
  { checks, complete }: Pick<AcceptanceTask, 'checks' | 'complete'>,
  answer: TaskAnswer,
): { title: string; ok: boolean }[] {
  const code = complete ? `${complete.prefix}${answer.text}${complete.suffix}` : codeOf(answer.text);
  const judged = checks.map((check) => judge(check, answer, code));
  if (answer.calls.length === 0) return judged;
  const ok = answer.calls.every((one) => one.arguments !== undefined);
  return [...judged, { title: 'gives every call a JSON object as its arguments', ok }];
}

function judge(check: Check, { text, calls }: TaskAnswer, code: string): { title: string; ok: boolean } {
  const has = (one: string) => plain(text).includes(plain(one));
  if ('compiles' in check) return { title: `parses as ${languages[check.compiles]}`, ok: parses[check.compiles](code) };
  if ('exact' in check) return { title: `is exactly ${quoted([check.exact])}`, ok: text.trim() === check.exact };
  if ('contains' in check) return { title: `contains ${quoted(check.contains)}`, ok: check.contains.every(has) };
  if ('excludes' in check)
    return { title: `does not contain ${quoted(check.excludes)}`, ok: !check.excludes.some(has) };
  if (check.calls.length === 0) return { title: 'calls no tool', ok: calls.length === 0 };
  return {
    title: `calls ${check.calls.map((one) => `${one.name} ${JSON.stringify(one.arguments)}`).join(', then ')}`,
    ok: isInOrder(calls, check.calls),
  };
}

function isInOrder(calls: MadeCall[], wanted: Extract<Check, { calls: unknown }>['calls']): boolean {
  let found = 0;
  for (const made of calls) {
    const next = wanted[found];
    if (next && isCall(made, next)) found += 1;
  }
  return found === wanted.length;
}

/** True when a call is the wanted one: its name, and at least its arguments. White space around texts does not count. */
export function isCall(made: MadeCall, wanted: { name: string; arguments: Record<string, unknown> }): boolean {
  const given = made.arguments;
  if (made.name !== wanted.name || !given) return false;
  const trimmed = (value: unknown) => (typeof value === 'string' ? value.trim() : value);
  return Object.entries(wanted.arguments).every(([key, value]) => isDeepStrictEqual(trimmed(given[key]), value));
}

const languages = { json: 'JSON', yaml: 'YAML', javascript: 'JavaScript' };
const parses: Record<keyof typeof languages, (code: string) => boolean> = {
  json: (code) => succeeds(() => JSON.parse(code)),
  yaml: (code) => {
    const parsed = parseYaml(code);
    // Nearly every text is YAML; only lists and mappings say that somebody meant it.
    return parsed.isYaml && typeof parsed.value === 'object' && parsed.value !== null;
  },
  // Compiles, and never runs: what a model wrote is not trusted.
  javascript: (code) => code.trim() !== '' && succeeds(() => new Script(code)),
};

function succeeds(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}

/** The first block of code of an answer, which many models put into fences whatever they are told; all of it if there is none. */
function codeOf(text: string): string {
  return /^```[^\n]*\n([\s\S]*?)^```/m.exec(text)?.[1] ?? text;
}

function plain(text: string): string {
  return text.replace(/\s+/g, '').toLowerCase();
}

function quoted(texts: string[]): string {
  return texts.map((one) => JSON.stringify(one)).join(', ');
}
