import type { Dispatcher } from 'undici';
import type { ApiError } from '../openai/api-error.ts';
import type { FrontRequest } from './front-request.ts';
import type { Upstream } from './upstream.ts';
import { readError } from './upstream-answer.ts';

type Body = FrontRequest['body'];

/**
 * Sends the front's chat completions to the model server. Some servers (vLLM) refuse a token limit for which the prompt leaves no
 * room; without a limit they use exactly that room. So a request refused for its limit is sent again without one, and the answer
 * is as long as with a limit clamped to the room. Others (Ollama) clamp the limit themselves and write endlessly without one:
 * they keep it. Wordings: "maximum context length is …" of older vLLM, `vllm/renderers/params.py` of 0.16 ("context length is
 * only …").
 */
export class ChatUpstream {
  readonly #upstream: Upstream;
  readonly #contextTokens: number;
  #refusesLongLimits = false;

  constructor(upstream: Upstream, contextTokens: number) {
    this.#upstream = upstream;
    this.#contextTokens = contextTokens;
  }

  /** Returns an unread answer with status 200. Throws ApiError for any other, or the signal's reason. */
  async ask(body: Body, requestId: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const send = (one: Body) =>
      this.#upstream.call({ method: 'POST', path: '/chat/completions', body: JSON.stringify(one), requestId, signal });
    const limit = limitOf(body);
    const isHopeless = this.#refusesLongLimits && limit !== undefined && limit >= this.#contextTokens;
    const first = await send(isHopeless ? withoutLimit(body) : body);
    if (first.statusCode === 200) return first;
    const refusal = await readError(first);
    if (limit === undefined || isHopeless || !isAboutLength(refusal)) throw refusal;
    const second = await send(withoutLimit(body));
    if (second.statusCode !== 200) throw await readError(second);
    this.#refusesLongLimits = true;
    return second;
  }
}

function limitOf({ max_tokens, max_completion_tokens }: Body): number | undefined {
  return (max_completion_tokens ?? max_tokens) as number | undefined;
}

function withoutLimit({ max_tokens: _, max_completion_tokens: __, ...rest }: Body): Body {
  return rest;
}

function isAboutLength({ facts, message }: ApiError): boolean {
  if (facts.status !== 400 && facts.status !== 422) return false;
  return facts.code === 'context_length_exceeded' || /max_(completion_|new_|output_)?tokens/i.test(message);
}
