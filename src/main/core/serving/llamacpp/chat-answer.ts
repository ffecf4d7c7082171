import { randomUUID } from 'node:crypto';
import type { ToolCall } from '../openai/chat-request.ts';
import type { ChatEnd, FinishReason } from './llama-engine.ts';

/** Token counts of one answer, as OpenAI writes them. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** Builds the JSON of one answer: OpenAI's chat completion, or the chunks of its stream. */
export class ChatAnswer {
  readonly #id = `chatcmpl-${randomUUID()}`;
  readonly #created = Math.floor(Date.now() / 1000);
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  whole(text: string, { finishReason, toolCalls }: ChatEnd, usage: Usage): object {
    const calls = toolCalls.map(openAiCall);
    const message =
      calls.length > 0
        ? { role: 'assistant', content: text === '' ? null : text, tool_calls: calls }
        : { role: 'assistant', content: text };
    return this.#with('chat.completion', [{ index: 0, message, logprobs: null, finish_reason: finishReason }], {
      usage,
    });
  }

  /** The first chunk, which carries the role. */
  opening(): object {
    return this.#chunk({ role: 'assistant', content: '' }, null);
  }

  piece(text: string): object {
    return this.#chunk({ content: text }, null);
  }

  /** A tool call, whole. */
  call(call: ToolCall, index: number): object {
    return this.#chunk({ tool_calls: [{ index, ...openAiCall(call) }] }, null);
  }

  closing(finishReason: FinishReason): object {
    return this.#chunk({}, finishReason);
  }

  usage(usage: Usage): object {
    return this.#with('chat.completion.chunk', [], { usage });
  }

  #chunk(delta: object, finishReason: FinishReason | null): object {
    return this.#with('chat.completion.chunk', [{ index: 0, delta, logprobs: null, finish_reason: finishReason }], {});
  }

  #with(object: string, choices: object[], more: object): object {
    return { id: this.#id, object, created: this.#created, model: this.#model, choices, ...more };
  }
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
