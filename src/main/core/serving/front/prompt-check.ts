import { contextExceeded } from '../openai/api-error.ts';
import type { FrontRequest } from './front-request.ts';
import type { Upstream } from './upstream.ts';
import { brokenAnswer, readError, readWhole } from './upstream-answer.ts';

type Body = FrontRequest['body'];

/* Upper bounds for what a chat template adds, in tokens. */
const perMessage = 16;
const perPrompt = 256;

/**
 * Refuses a prompt beyond the context for a server that would cut it without saying so (Ollama drops old messages, then the start of
 * the last one, and answers 200). A token has at least one byte, so short prompts pass without a question. For a long one the server
 * counts the tokens of all its text as a single message, from which it cannot drop others. Throws ApiError 400, or as the upstream.
 */
export async function refuseCutPrompt(
  body: Body,
  ask: { upstream: Upstream; contextTokens: number; requestId: string; signal: AbortSignal },
): Promise<void> {
  const { upstream, contextTokens, requestId, signal } = ask;
  const messages = body.messages as unknown[];
  const text = JSON.stringify([messages, body.tools]);
  const added = perMessage * messages.length;
  if (Buffer.byteLength(text) + added + perPrompt < contextTokens) return;
  const content = messages.map(textOf).join('\n') + (body.tools === undefined ? '' : JSON.stringify(body.tools));
  const counting = { model: body.model, messages: [{ role: 'user', content }], max_tokens: 1, stream: false };
  const answer = await upstream.call({
    method: 'POST',
    path: '/chat/completions',
    body: JSON.stringify(counting),
    requestId,
    signal,
  });
  if (answer.statusCode !== 200) throw await readError(answer);
  const { promptTokens } = (await readWhole(answer)).usage;
  if (promptTokens === undefined) throw brokenAnswer('The model server does not count the tokens of a prompt.');
  // Its template adds this for each message of the real prompt, and added it once to what was counted.
  const neededTokens = promptTokens + perMessage * (messages.length - 1);
  if (neededTokens >= contextTokens) throw contextExceeded(contextTokens, neededTokens);
}

function textOf(message: unknown): string {
  const { content, ...rest } = message as { content?: unknown };
  const calls = 'tool_calls' in rest ? JSON.stringify(rest.tool_calls) : '';
  if (typeof content === 'string') return content + calls;
  const parts = Array.isArray(content) ? (content as { text?: unknown }[]) : [];
  return parts.map((part) => (typeof part.text === 'string' ? part.text : '')).join('\n') + calls;
}
