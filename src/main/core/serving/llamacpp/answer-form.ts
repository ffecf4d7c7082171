import { randomUUID } from 'node:crypto';
import type { ToolCall } from '../openai/chat-request.ts';
import type { AnswerEnd, FinishReason } from './answer-step.ts';
import type { TokenOdds } from './token-odds.ts';

/** Token counts of one answer, as OpenAI writes them. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** One of the answers to a request, whole. */
export interface WholeChoice {
  text: string;
  /** Of each token; empty when nobody asked. */
  odds: TokenOdds[];
  end: AnswerEnd;
}

/** Writes the JSON of the answers to one request: a whole one, or the chunks of a stream. */
export interface AnswerForm {
  whole(choices: readonly WholeChoice[], usage: Usage): object;
  /** The first chunk of a choice, where there is one before its text. */
  opening(choice: number): object | undefined;
  piece(choice: number, text: string, odds: readonly TokenOdds[]): object;
  /** A tool call, whole. */
  call(choice: number, call: ToolCall, index: number): object;
  closing(choice: number, finishReason: FinishReason): object;
  usage(usage: Usage): object;
}

/** OpenAI's chat completion. */
export function chatForm(model: string): AnswerForm {
  const whole = envelope('chatcmpl', 'chat.completion', model);
  const chunk = whole.as('chat.completion.chunk');
  const one = (index: number, delta: object, finish_reason: FinishReason | null, odds: readonly TokenOdds[] = []) =>
    chunk.of([{ index, delta, logprobs: chatLogprobs(odds), finish_reason }]);
  return {
    whole: (choices, usage) => whole.of(choices.map(chatChoice), { usage }),
    opening: (choice) => one(choice, { role: 'assistant', content: '' }, null),
    piece: (choice, text, odds) => one(choice, { content: text }, null, odds),
    call: (choice, call, index) => one(choice, { tool_calls: [{ index, ...openAiCall(call) }] }, null),
    closing: (choice, finishReason) => one(choice, {}, finishReason),
    usage: (usage) => chunk.of([], { usage }),
  };
}

/** OpenAI's text completion. */
export function textForm(model: string): AnswerForm {
  const whole = envelope('cmpl', 'text_completion', model);
  /** How much of each choice was sent, by its index: OpenAI counts the place of a token in the text. */
  const sent = new Map<number, number>();
  const one = (index: number, text: string, finish_reason: FinishReason | null, odds: readonly TokenOdds[] = []) => {
    const logprobs = textLogprobs(odds, sent.get(index) ?? 0);
    sent.set(index, (sent.get(index) ?? 0) + lengthOf(odds));
    return { text, index, logprobs, finish_reason };
  };
  return {
    whole: (choices, usage) =>
      whole.of(
        choices.map(({ text, odds, end }, index) => one(index, text, end.finishReason, odds)),
        { usage },
      ),
    opening: () => undefined,
    piece: (choice, text, odds) => whole.of([one(choice, text, null, odds)]),
    call: (choice) => whole.of([one(choice, '', null)]),
    closing: (choice, finishReason) => whole.of([one(choice, '', finishReason)]),
    usage: (usage) => whole.of([], { usage }),
  };
}

function envelope(prefix: string, object: string, model: string) {
  const id = `${prefix}-${randomUUID()}`;
  const created = Math.floor(Date.now() / 1000);
  const as = (kind: string) => ({
    of: (choices: object[], more: object = {}) => ({ id, object: kind, created, model, choices, ...more }),
  });
  return { ...as(object), as };
}

function chatChoice({ text, odds, end: { finishReason, toolCalls } }: WholeChoice, index: number): object {
  const calls = toolCalls.map(openAiCall);
  const message =
    calls.length > 0
      ? { role: 'assistant', content: text === '' ? null : text, tool_calls: calls }
      : { role: 'assistant', content: text };
  return { index, message, logprobs: chatLogprobs(odds), finish_reason: finishReason };
}

function chatLogprobs(odds: readonly TokenOdds[]): object | null {
  const entry = ({ token, logprob, bytes }: TokenOdds['top'][number]) => ({ token, logprob, bytes });
  return odds.length === 0
    ? null
    : { content: odds.map((one) => ({ ...entry(one), top_logprobs: one.top.map(entry) })), refusal: null };
}

function textLogprobs(odds: readonly TokenOdds[], from: number): object | null {
  if (odds.length === 0) return null;
  const starts = odds.map((_, index) => from + lengthOf(odds.slice(0, index)));
  return {
    tokens: odds.map(({ token }) => token),
    token_logprobs: odds.map(({ logprob }) => logprob),
    top_logprobs: odds.map(({ top }) => Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]))),
    text_offset: starts,
  };
}

function lengthOf(odds: readonly TokenOdds[]): number {
  return odds.reduce((sum, { token }) => sum + token.length, 0);
}

function openAiCall({ id, name, arguments: args }: ToolCall): object {
  return { id, type: 'function', function: { name, arguments: args } };
}

/** Usage from its two counts. */
export function usageOf(promptTokens: number, completionTokens: number): Usage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** One server-sent event. */
export function sseEvent(data: object | '[DONE]'): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}
