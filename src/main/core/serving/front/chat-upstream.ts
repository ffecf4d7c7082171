import type { Dispatcher } from 'undici';
import { ApiError } from '../openai/api-error.ts';
import { brokenAnswer } from './broken-answer.ts';
import type { FrontRequest } from './front-request.ts';
import { type CutsPrompts, refuseCutPrompt } from './prompt-check.ts';
import type { RequestRecord } from './request-log.ts';
import type { Upstream } from './upstream.ts';
import { readError, readWhole } from './upstream-answer.ts';

type Body = FrontRequest['body'];

/** One request on its way. */
export interface Asking {
  asked: FrontRequest;
  record: RequestRecord;
  /** Aborts when the client is gone. */
  gone: AbortSignal;
}

/** The model server, and what it does with too many tokens. */
export interface ChatUpstreamOptions {
  upstream: Upstream;
  contextTokens: number;
  /** It cuts a prompt beyond its context instead of refusing it. */
  cutsPrompts: CutsPrompts;
  /** After this time a plain request ends: the gateway does not give those up whose own caller is gone. */
  deadlineMs?: number;
}

/** GitLab itself waits for ten minutes at most. */
const usualDeadlineMs = 600_000;

/**
 * Sends the front's chat completions to the model server. Some servers (vLLM) refuse a token limit for which the prompt leaves no
 * room; without a limit they use exactly that room. So a request refused for its limit is sent again without one, and the answer
 * is as long as with a limit clamped to the room. Others (Ollama) clamp the limit themselves and write endlessly without one:
 * they keep it. Wordings: "maximum context length is …" of older vLLM, `vllm/renderers/params.py` of 0.16 ("context length is
 * only …").
 */
export class ChatUpstream {
  readonly #options: ChatUpstreamOptions;
  #refusesLongLimits = false;
  #cutsPrompts: CutsPrompts;

  constructor(options: ChatUpstreamOptions) {
    this.#options = options;
    this.#cutsPrompts = options.cutsPrompts;
  }

  /** Returns the unread events of an answer. Throws ApiError, or the signal's reason. */
  async stream({ asked, record, gone }: Asking): Promise<Dispatcher.ResponseData> {
    const answer = await this.#ask(asked.body, record, gone);
    if (String(answer.headers['content-type']).startsWith('text/event-stream')) return answer;
    await answer.body.dump().catch(() => undefined);
    throw brokenAnswer('The model server did not stream as requested.');
  }

  /** Returns the JSON of a whole answer. Throws ApiError, or the signal's reason. */
  async whole({ asked, record, gone }: Asking): Promise<string> {
    const deadline = AbortSignal.timeout(this.#options.deadlineMs ?? usualDeadlineMs);
    try {
      const answer = await this.#ask(asked.body, record, AbortSignal.any([gone, deadline]));
      const { text, usage } = await readWhole(answer);
      record.usage = usage;
      return asked.tag ? text.replaceAll(asked.tag.sent, asked.tag.own) : text;
    } catch (error) {
      throw deadline.aborted && !gone.aborted ? tooLate() : error;
    }
  }

  /** An unread answer with status 200. */
  async #ask(body: Body, { requestId, owner }: RequestRecord, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { upstream, contextTokens } = this.#options;
    const known = this.#cutsPrompts;
    if (known !== false)
      this.#cutsPrompts = await refuseCutPrompt(body, { upstream, contextTokens, requestId, signal, known });
    const send = (one: Body) =>
      upstream.call({ method: 'POST', path: '/chat/completions', body: JSON.stringify(one), requestId, owner, signal });
    const limit = limitOf(body);
    const isHopeless = this.#refusesLongLimits && limit !== undefined && limit >= contextTokens;
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

function tooLate(): ApiError {
  const facts = { status: 504, type: 'server_error', code: 'upstream_timeout', mayRetry: false } as const;
  return new ApiError('The answer took longer than any client waits.', facts);
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
