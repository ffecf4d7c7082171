import { randomBytes } from 'node:crypto';
import { openLength } from '../llamacpp/stop-text.ts';
import { isObject, type Json } from '../openai/json-object.ts';

/** The AI Gateway's tags around its policy on the output of tools; their 16 hex digits are new in each request. */
const tags = /tool_output_policy_[0-9a-f]{16}/g;
const rotateEveryMs = 15 * 60_000;

/** A request's own tag, and the one that the model server sees instead. Both have the same length. */
export interface MappedTag {
  own: string;
  sent: string;
}

/**
 * Gives all requests of a quarter of an hour one secret tag, so that the policy of about 1,000 tokens is the same text for the model
 * server, which then need not compute it again. Afterwards the tag is another one.
 */
export class StableTag {
  readonly #now: () => number;
  #tag = '';
  #madeAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Returns the messages with the stable tag in place of the request's own. Undefined for messages without a tag, or with several,
   * which must stay apart.
   */
  map(messages: unknown): { messages: unknown; tag: MappedTag } | undefined {
    const text = JSON.stringify(messages);
    const found = new Set(text.match(tags));
    const [own] = found;
    if (own === undefined || found.size > 1) return undefined;
    const sent = this.#current();
    // A tag consists of letters, digits and "_", which JSON writes as they are.
    return { messages: JSON.parse(text.replaceAll(own, sent)), tag: { own, sent } };
  }

  #current(): string {
    const now = this.#now();
    if (now - this.#madeAt >= rotateEveryMs || now < this.#madeAt) {
      this.#tag = `tool_output_policy_${randomBytes(8).toString('hex')}`;
      this.#madeAt = now;
    }
    return this.#tag;
  }
}

/** Returns the texts of a streamed choice with the request's own tag again; text that may become the sent tag is held back. */
export class TagsBack {
  readonly #tag: MappedTag;
  readonly #held = new Map<string, string>();

  constructor(tag: MappedTag) {
    this.#tag = tag;
  }

  /** Maps one delta; with the last one comes all that was held back. */
  delta(delta: Json, isLast: boolean): Json {
    const next: Json = { ...delta };
    for (const field of ['content', 'reasoning_content', 'reasoning'])
      if (typeof delta[field] === 'string' || (isLast && this.#held.has(field)))
        next[field] = this.#push(field, delta[field], isLast);
    const calls = Array.isArray(delta.tool_calls) ? delta.tool_calls.map((one: unknown) => this.#call(one)) : [];
    if (isLast) calls.push(...this.#heldCalls());
    if (calls.length > 0) next.tool_calls = calls;
    return next;
  }

  #call(call: unknown): unknown {
    if (!isObject(call) || !isObject(call.function) || typeof call.function.arguments !== 'string') return call;
    const text = this.#push(`call ${String(call.index ?? 0)}`, call.function.arguments, false);
    return { ...call, function: { ...call.function, arguments: text } };
  }

  #heldCalls(): Json[] {
    return [...this.#held].flatMap(([place, text]) => {
      const index = /^call (\d+)$/.exec(place)?.[1];
      return index === undefined || text === '' ? [] : [{ index: Number(index), function: { arguments: text } }];
    });
  }

  #push(place: string, piece: unknown, isLast: boolean): string {
    const { own, sent } = this.#tag;
    const text = ((this.#held.get(place) ?? '') + (typeof piece === 'string' ? piece : '')).replaceAll(sent, own);
    const keep = isLast ? 0 : openLength(text, sent);
    this.#held.set(place, text.slice(text.length - keep));
    return text.slice(0, text.length - keep);
  }
}
