import { contextExceeded } from '../openai/api-error.ts';
import { brokenAnswer } from './broken-answer.ts';
import type { FrontRequest } from './front-request.ts';
import type { Upstream } from './upstream.ts';
import { readError, readWhole } from './upstream-answer.ts';

type Body = FrontRequest['body'];

/* Upper bounds for what a chat template adds, in tokens. */
const perMessage = 16;
const perPrompt = 256;

/** Whether a server cuts prompts; `unknown` until its answer shows whether it is Ollama, for a server that was there before the site. */
export type CutsPrompts = boolean | 'unknown';

/* Ollama's answers have it since their first version that speaks OpenAI's language. */
const ollamaMark = /"system_fingerprint"\s*:\s*"fp_ollama"/;

/**
 * Refuses a prompt beyond the context for a server that would cut it without saying so (Ollama drops old messages, then the start of
 * the last one, and answers 200). A token has at least one byte, so short prompts pass without a question. For a long one the server
 * counts the tokens of all its text as a single message, from which it cannot drop others. Returns what is known of the server then.
 * Throws ApiError 400, or as the upstream.
 */
export async function refuseCutPrompt(
  body: Body,
  ask: { upstream: Upstream; contextTokens: number; requestId: string; signal: AbortSignal; known: CutsPrompts },
): Promise<CutsPrompts> {
  const { upstream, contextTokens, requestId, signal, known } = ask;
  const messages = body.messages as unknown[];
  const text = JSON.stringify([messages, body.tools]);
  const added = perMessage * messages.length;
  if (Buffer.byteLength(text) + added + perPrompt < contextTokens) return known;
  const content = messages.map(textOf).join('\n') + (body.tools === undefined ? '' : JSON.stringify(body.tools));
  const counting = { model: body.model, messages: [{ role: 'user', content }], max_tokens: 1, stream: false };
  const answer = await upstream.call({
    method: 'POST',
    path: '/chat/completions',
    body: JSON.stringify(counting),
    requestId,
    signal,
  });
  if (answer.statusCode !== 200) {
    const refusal = await readError(answer);
    // What refuses a long prompt says so to the client's own request as well.
    if (known === 'unknown') return known;
    throw refusal;
  }
  const { text: whole, usage } = await readWhole(answer);
  if (known === 'unknown' && !ollamaMark.test(whole)) return false;
  const { promptTokens } = usage;
  if (promptTokens === undefined) throw brokenAnswer('The model server does not count the tokens of a prompt.');
  // Its template adds this for each message of the real prompt, and added it once to what was counted.
  const neededTokens = promptTokens + perMessage * (messages.length - 1);
  if (neededTokens >= contextTokens) throw contextExceeded(contextTokens, neededTokens);
  return true;
}

function textOf(message: unknown): string {
  const { content, ...rest } = message as { content?: unknown };
  const calls = 'tool_calls' in rest ? JSON.stringify(rest.tool_calls) : '';
  if (typeof content === 'string') return content + calls;
  const parts = Array.isArray(content) ? (content as { text?: unknown }[]) : [];
  return parts.map((part) => (typeof part.text === 'string' ? part.text : '')).join('\n') + calls;
}
