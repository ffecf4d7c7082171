import { sseEvent } from '../llamacpp/answer-form.ts';
import { isObject, type Json } from '../openai/json-object.ts';
import { type MappedTag, TagsBack } from './stable-tag.ts';
import { ThinkText } from './think-text.ts';
import { StreamedToolCalls } from './tool-calls.ts';

interface Choice {
  calls: StreamedToolCalls;
  think: ThinkText;
  tags: TagsBack | undefined;
}

/**
 * Repairs what model servers get wrong in a stream, so that clients see what OpenAI would send: tool calls (`StreamedToolCalls`), a
 * finish reason `stop` after tool calls, usage inside a chunk of the answer, and thinking inside the content, which becomes
 * `reasoning_content`. A request with a mapped tag gets its own tag back.
 */
export class StreamRepair {
  readonly #tag: MappedTag | undefined;
  readonly #choices = new Map<number, Choice>();
  /** A chunk of its own for usage that came inside another one. */
  usageChunk: Json | undefined;

  constructor(tag?: MappedTag) {
    this.#tag = tag;
  }

  /** Returns the event to pass on: the same text when nothing was wrong, and nothing when all of it was held back. */
  event(event: string, chunk: unknown): string | undefined {
    if (!isObject(chunk) || !Array.isArray(chunk.choices) || chunk.choices.length === 0) return event;
    const choices = chunk.choices.map((one: unknown) => (isObject(one) ? this.#choice(one) : one));
    const given: unknown[] = chunk.choices;
    if (!isObject(chunk.usage) && choices.every((one, index) => one === given[index])) return event;
    const { usage, ...rest } = chunk;
    if (isObject(usage)) this.usageChunk = { ...rest, choices: [], usage };
    const kept = choices.filter((one) => one !== undefined && !(isObject(usage) && isEmpty(one)));
    return kept.length === 0 ? undefined : sseEvent({ ...rest, choices: kept });
  }

  #choice(choice: Json): Json | undefined {
    const state = this.#stateOf(choice.index);
    const isLast = typeof choice.finish_reason === 'string';
    const given = isObject(choice.delta) ? choice.delta : {};
    const delta = state.tags ? state.tags.delta(given, isLast) : given;
    const changed = { ...repairedCalls(delta, state), ...splitContent(delta, state, isLast) };
    const isTools = choice.finish_reason === 'stop' && !state.calls.isEmpty;
    if (Object.keys(changed).length === 0 && !isTools && delta === given) return choice;
    const next = withoutUndefined({ ...delta, ...changed });
    if (Object.keys(next).length === 0 && !isLast) return undefined;
    return { ...choice, delta: next, ...(isTools && { finish_reason: 'tool_calls' }) };
  }

  #stateOf(given: unknown): Choice {
    const index = Number.isInteger(given) ? Number(given) : 0;
    const known = this.#choices.get(index);
    if (known) return known;
    const tags = this.#tag && new TagsBack(this.#tag);
    const fresh = { calls: new StreamedToolCalls(), think: new ThinkText(), tags };
    this.#choices.set(index, fresh);
    return fresh;
  }
}

/** A choice that a server adds to a chunk with usage only, although it has nothing more to say (LiteLLM). */
function isEmpty(choice: unknown): boolean {
  if (!isObject(choice) || !isObject(choice.delta) || typeof choice.finish_reason === 'string') return false;
  return Object.values(choice.delta).every((value) => value === null || value === undefined);
}

function repairedCalls(delta: Json, { calls }: Choice): Json {
  if (!Array.isArray(delta.tool_calls)) return {};
  const repaired = calls.repair(delta.tool_calls);
  return repaired === delta.tool_calls ? {} : { tool_calls: repaired };
}

/** The parts of a delta that differ from what the server sent. */
function splitContent(delta: Json, { think }: Choice, isLast: boolean): Json {
  const text = typeof delta.content === 'string' ? delta.content : '';
  const pushed = think.push(text);
  const rest = isLast ? think.end() : { reasoning: '', content: '' };
  const content = pushed.content + rest.content;
  const reasoning = pushed.reasoning + rest.reasoning;
  if (content === text && reasoning === '') return {};
  return {
    content: content === '' ? undefined : content,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
  };
}

function withoutUndefined(given: Json): Json {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
