import type { Dispatcher } from 'undici';
import { ApiError, badRequest } from '../openai/api-error.ts';
import { brokenAnswer } from './broken-answer.ts';
import type { FrontRequest } from './front-request.ts';
import { type CutsPrompts, refuseCutInput, refuseCutPrompt } from './prompt-check.ts';
import type { RequestRecord } from './request-log.ts';
import type { Upstream } from './upstream.ts';
import { readEmbeddings, readError, readWhole } from './upstream-answer.ts';

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
 * Sends the front's requests to the model server. Some servers (vLLM) refuse a token limit for which the prompt leaves no
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
    const answer = await this.#ask(asked, record, gone);
    if (String(answer.headers['content-type']).startsWith('text/event-stream')) return answer;
    await answer.body.dump().catch(() => undefined);
    throw brokenAnswer('The model server did not stream as requested.');
  }

  /** Returns the JSON of a whole answer. Throws ApiError, or the signal's reason. */
  async whole({ asked, record, gone }: Asking): Promise<string> {
    const deadline = AbortSignal.timeout(this.#options.deadlineMs ?? usualDeadlineMs);
    try {
      const answer = await this.#ask(asked, record, AbortSignal.any([gone, deadline]));
      const { text, usage } = await (asked.path === '/embeddings' ? readEmbeddings(answer) : readWhole(answer));
      record.usage = usage;
      return asked.tag ? text.replaceAll(asked.tag.sent, asked.tag.own) : text;
    } catch (error) {
      throw deadline.aborted && !gone.aborted ? tooLate() : error;
    }
  }

  /** An unread answer with status 200. */
  async #ask(
    { path, body }: FrontRequest,
    { requestId, owner }: RequestRecord,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { upstream, contextTokens } = this.#options;
    const known = this.#cutsPrompts;
    if (known !== false) {
      const refuseCut = path === '/embeddings' ? refuseCutInput : refuseCutPrompt;
      this.#cutsPrompts = await refuseCut(body, { upstream, contextTokens, requestId, signal, known });
    }
    const send = (one: Body) =>
      upstream.call({ method: 'POST', path, body: JSON.stringify(one), requestId, owner, signal });
    const limit = limitOf(body);
    const isHopeless = this.#refusesLongLimits && limit !== undefined && limit >= contextTokens;
    const first = await send(isHopeless ? withoutLimit(body) : body);
    if (first.statusCode === 200) return first;
    const refusal = asMissing(await readError(first), path);
    if (limit === undefined || isHopeless || !isAboutLength(refusal)) throw refusal;
    const second = await send(withoutLimit(body));
    if (second.statusCode !== 200) throw await readError(second);
    this.#refusesLongLimits = true;
    return second;
  }
}

/** What a server without such a path answers: FastAPI, Go's and other servers' own words, or none of their own. */
const unknownPath = /^(not found|404 page not found|the model server answered with status 40[45]\.)$/i;

/** Says plainly that a server lacks one of the paths that not every server has. */
function asMissing(refusal: ApiError, path: string): ApiError {
  const { status } = refusal.facts;
  if (path === '/chat/completions' || (status !== 404 && status !== 405) || !unknownPath.test(refusal.message))
    return refusal;
  return badRequest(`The model server behind this address has no /v1${path}.`, 'unknown_url', undefined, 404);
}

function tooLate(): ApiError {
  const facts = { status: 504, type: 'server_error', code: 'upstream_timeout', mayRetry: false } as const;
  return new ApiError('The answer took longer than any client waits.', facts);
}

function limitOf({ max_tokens, max_completion_tokens }: Body): number | undefined {
  return (max_completion_tokens ?? max_tokens) as number | undefined;
}

function withoutLimit({ max_tokens: _, max_completion_tokens: __, ...rest }: Body): Body {
  // A text completion without the field has OpenAI's default of 16 tokens.
  return 'messages' in rest ? rest : { ...rest, max_tokens: null };
}

function isAboutLength({ facts, message }: ApiError): boolean {
  if (facts.status !== 400 && facts.status !== 422) return false;
  return facts.code === 'context_length_exceeded' || /max_(completion_|new_|output_)?tokens/i.test(message);
}
