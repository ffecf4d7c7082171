import { randomUUID } from 'node:crypto';
import { isObject, type Json } from '../openai/json-object.ts';

/** A call that has begun, under an index of ours. Where the server sends no ids, `id` is missing. */
interface Known {
  index: number;
  id: unknown;
  hasName: boolean;
}

/**
 * Puts the tool calls of a stream's choice right: each call gets an index of its own (some servers send all calls under 0, or leave the
 * index out), an id, and arguments that are text. Returns the same object for a list in which nothing is wrong.
 */
export class StreamedToolCalls {
  /** By the server's index. */
  readonly #known = new Map<number, Known>();
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  repair(calls: readonly unknown[]): unknown[] {
    const repaired = calls.map((call) => (isObject(call) ? this.#one(call) : call));
    return repaired.every((one, index) => one === calls[index]) ? (calls as unknown[]) : repaired;
  }

  #one(call: Json): Json {
    const given = isObject(call.function) ? call.function : undefined;
    const theirs = this.#theirIndex(call, given);
    const before = this.#known.get(theirs);
    const isNext = before === undefined || startsAnother(before, call, given);
    const at = isNext ? this.#count++ : before.index;
    const id = isText(call.id) ? call.id : `call_${randomUUID()}`;
    const known = isNext ? { index: at, id: call.id, hasName: false } : before;
    this.#known.set(theirs, { ...known, hasName: known.hasName || isText(given?.name) });
    const args = given && 'arguments' in given ? argumentsText(given.arguments, '') : undefined;
    const isRight =
      call.index === at && (!isNext || (call.id === id && call.type === 'function')) && args === given?.arguments;
    if (isRight) return call;
    return {
      ...call,
      index: at,
      ...(isNext && { id, type: 'function' }),
      ...(given && { function: { ...given, ...(args !== undefined && { arguments: args }) } }),
    };
  }

  #theirIndex(call: Json, given: Json | undefined): number {
    if (Number.isInteger(call.index)) return Number(call.index);
    const last = [...this.#known.keys()].at(-1);
    return last === undefined || isText(call.id) || isText(given?.name) ? this.#count : last;
  }
}

/** A second id under one index is another call; where ids are missing, a second name is. */
function startsAnother(before: Known, call: Json, given: Json | undefined): boolean {
  if (isText(before.id)) return isText(call.id) && call.id !== before.id;
  return before.hasName && isText(given?.name);
}

/** Puts the tool calls of a whole answer right: ids, type, and arguments that are JSON text. */
export function repairedToolCalls(calls: readonly unknown[]): unknown[] {
  return calls.map((call) => {
    if (!isObject(call)) return call;
    const given = isObject(call.function) ? call.function : {};
    return {
      ...call,
      id: isText(call.id) ? call.id : `call_${randomUUID()}`,
      type: 'function',
      function: { ...given, arguments: argumentsText(given.arguments, '{}') },
    };
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function argumentsText(value: unknown, empty: string): string {
  if (typeof value === 'string') return value === '' ? empty : value;
  return value === null || value === undefined ? empty : JSON.stringify(value);
}
