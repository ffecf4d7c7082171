import { randomUUID } from 'node:crypto';
import type { ToolCall } from '../openai/chat-request.ts';
import { isObject } from '../openai/json-object.ts';
import type { CallSyntax } from './call-syntax.ts';
import { openLength } from './stop-text.ts';

/**
 * Finds tool calls in an answer that arrives in pieces. Text before them is content; from their start on all is held back, so that
 * calls are complete and their arguments are JSON. What looks like a call but is none is content in the end.
 */
export class CallText {
  readonly #syntax: CallSyntax;
  readonly #names: ReadonlySet<string>;
  readonly #most: number;
  /** What calls begin with: up to their JSON, if the name is inside it, since models vary its white space and order. */
  readonly #marker: string;
  readonly #isInJson: boolean;
  #held = '';
  #isCalling = false;
  #isFresh = true;

  /** `isParallel`: there may be several calls; without it, the first one is taken. */
  constructor(syntax: CallSyntax, names: readonly string[], isParallel = true) {
    this.#most = isParallel ? Number.POSITIVE_INFINITY : 1;
    this.#syntax = syntax;
    this.#names = new Set(names);
    const brace = syntax.start.indexOf('{');
    this.#isInJson = brace >= 0;
    this.#marker = (brace >= 0 ? syntax.start.slice(0, brace) : syntax.start).trim();
  }

  /** Takes a piece and returns what is content for sure. */
  push(piece: string): string {
    this.#held += piece;
    if (this.#isCalling) return '';
    const at = this.#startsAt();
    this.#isCalling = at?.isWhole ?? false;
    const length = at?.index ?? this.#held.length;
    const content = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    this.#isFresh &&= content.trim() === '';
    return content;
  }

  /** Returns the calls at the end of the answer, or the content that was held back. Of an answer that was cut, half a call is nothing. */
  end(isCut: boolean): { calls: ToolCall[]; content: string } {
    const calls = this.#isCalling ? readCalls(this.#held, this.#isInJson ? undefined : this.#syntax, this.#names) : [];
    return {
      calls: calls.slice(0, this.#most),
      content: calls.length > 0 || (isCut && this.#isCalling) ? '' : this.#held,
    };
  }

  /** Where a call begins, or may begin when more text comes. */
  #startsAt(): { index: number; isWhole: boolean } | undefined {
    if (this.#marker === '') {
      // Bare JSON is a call only when the answer is nothing else.
      const trimmed = this.#held.trimStart();
      if (!this.#isFresh || (trimmed !== '' && !trimmed.startsWith('{'))) return undefined;
      return { index: 0, isWhole: trimmed !== '' };
    }
    const found = this.#held.indexOf(this.#marker);
    if (found >= 0) return { index: found, isWhole: true };
    const open = openLength(this.#held, this.#marker);
    return open > 0 ? { index: this.#held.length - open, isWhole: false } : undefined;
  }
}

/** The calls in a text: JSON objects with name and arguments or, where a syntax is given, arguments after a name in that syntax. */
function readCalls(text: string, syntax: CallSyntax | undefined, names: ReadonlySet<string>): ToolCall[] {
  const calls: ToolCall[] = [];
  for (let at = text.indexOf('{'); at >= 0; ) {
    const end = objectEnd(text, at);
    const found = end === undefined ? undefined : parseObject(text.slice(at, end));
    if (end === undefined || !found) return [];
    const call = syntax ? { name: nameBefore(text.slice(0, at), syntax), arguments: found } : nameInside(found);
    if (!call || call.name === undefined || !names.has(call.name)) return [];
    calls.push({ id: `call_${randomUUID()}`, name: call.name, arguments: JSON.stringify(call.arguments) });
    at = text.indexOf('{', end);
  }
  return calls;
}

function nameInside(found: Record<string, unknown>): { name: string; arguments: unknown } | undefined {
  const given = found.arguments ?? found.parameters ?? {};
  // Some models write the arguments as OpenAI does: as text that is JSON.
  const args = typeof given === 'string' ? parseObject(given) : given;
  return typeof found.name === 'string' && isObject(args) ? { name: found.name, arguments: args } : undefined;
}

function nameBefore(text: string, { parameters }: CallSyntax): string | undefined {
  const before = text.trimEnd();
  const ending = parameters.trim();
  if (!before.endsWith(ending)) return undefined;
  return /[\w-]+$/.exec(before.slice(0, before.length - ending.length).trimEnd())?.[0];
}

/** The index after the object that begins here. */
function objectEnd(text: string, from: number): number | undefined {
  let depth = 0;
  let isText = false;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (isText && char === '\\') at += 1;
    else if (char === '"') isText = !isText;
    else if (!isText && char === '{') depth += 1;
    else if (!isText && char === '}') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
