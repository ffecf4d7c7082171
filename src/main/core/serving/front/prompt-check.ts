import { contextExceeded } from '../openai/api-error.ts';
import { embedPath, ollamaContext, runningPath } from '../openai/ollama-context.ts';
import { brokenAnswer } from './broken-answer.ts';
import type { FrontRequest } from './front-request.ts';
import type { Upstream } from './upstream.ts';
import { readError, readText, readWhole } from './upstream-answer.ts';

type Body = FrontRequest['body'];

type Ask = { upstream: Upstream; contextTokens: number; requestId: string; signal: AbortSignal; known: CutsPrompts };

/* Ollama's smallest context, unless someone set a smaller one. */
const leastContext = 2048;
const maxListBytes = 1024 * 1024;
/* Upper bounds for what a chat template adds, in tokens. */
const perMessage = 16;
const perPrompt = 256;

/** Whether a server cuts prompts; `unknown` until its answer shows whether it is Ollama, for a server that was there before the site. */
export type CutsPrompts = boolean | 'unknown';

/* Ollama's answers have it since their first version that speaks OpenAI's language. */
const ollamaMark = /"system_fingerprint"\s*:\s*"fp_ollama"/;

/**
 * Refuses a prompt beyond the context for a server that would cut it without saying so (Ollama drops old messages, then the start of
 * the last one, and answers 200). The context is the smaller one of `contextTokens` and what the server reports for the loaded model.
 * A token has at least one byte, so short prompts pass without being counted. For a long one the server counts the tokens of all its
 * text as a single message, from which it cannot drop others. Returns what is known of the server then. Throws ApiError 400, or as the
 * upstream.
 */
export async function refuseCutPrompt(body: Body, ask: Ask): Promise<CutsPrompts> {
  const { contextTokens, known } = ask;
  const messages = messagesOf(body);
  const text = JSON.stringify([messages, body.tools]);
  const added = perMessage * messages.length;
  const before = await servedContext(body, ask);
  if (Buffer.byteLength(text) + added + perPrompt < leastOf(contextTokens, before)) return known;
  const counted = await count(body, messages, ask);
  if (typeof counted !== 'number') return counted.known;
  // Counting has loaded it.
  const now = before === 'not-loaded' ? await servedContext(body, ask) : before;
  const limitTokens = now === 'not-loaded' ? contextTokens : Math.min(contextTokens, now);
  // Its template adds this for each message of the real prompt, and added it once to what was counted.
  const neededTokens = counted + perMessage * (messages.length - 1);
  if (neededTokens >= limitTokens) throw contextExceeded(limitTokens, neededTokens);
  return true;
}

/**
 * Refuses an input for embeddings that the server would cut without saying so. Those inputs that may be too long for its context, as
 * `refuseCutPrompt` knows it, are first sent to Ollama's own path, which can be told not to cut. Returns what is known of the server then.
 * Throws ApiError 400, or as the upstream.
 */
export async function refuseCutInput({ model, input }: Body, ask: Ask): Promise<CutsPrompts> {
  const { upstream, contextTokens, requestId, signal, known } = ask;
  const limit = leastOf(contextTokens, await servedContext({ model }, ask));
  const long = [input].flat().filter((one) => Buffer.byteLength(String(one)) + perMessage >= limit);
  if (long.length === 0) return known;
  const body = JSON.stringify({ model, input: long, truncate: false });
  const answer = await upstream.call({ method: 'POST', path: embedPath, body, requestId, signal });
  if (answer.statusCode === 200) {
    await answer.body.dump();
    return true;
  }
  const refusal = await readError(answer);
  if (refusal.facts.code === 'context_length_exceeded') throw refusal;
  // Whatever else it says, it says to the client's own request as well.
  return known === 'unknown' && answer.statusCode === 404 ? false : known;
}

/** The messages of a chat; the prompt of a text completion counts as one. */
function messagesOf({ messages, prompt, suffix }: Body): unknown[] {
  if (Array.isArray(messages)) return messages;
  return [{ role: 'user', content: [prompt, suffix].flat().map(String).join('\n') }];
}

/** The smallest context that the server may use. */
function leastOf(contextTokens: number, served: number | 'not-loaded'): number {
  return Math.min(contextTokens, served === 'not-loaded' ? leastContext : served);
}

async function servedContext(
  { model }: Body,
  { upstream, contextTokens, signal }: Ask,
): Promise<number | 'not-loaded'> {
  try {
    const answer = await upstream.call({ method: 'GET', path: runningPath, signal });
    const found = ollamaContext(await readText(answer.body, maxListBytes), String(model));
    return typeof found === 'number' || found === 'not-loaded' ? found : contextTokens;
  } catch {
    signal.throwIfAborted();
    return contextTokens;
  }
}

async function count(
  body: Body,
  messages: unknown[],
  { upstream, requestId, signal, known }: Ask,
): Promise<number | { known: CutsPrompts }> {
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
    if (known === 'unknown') return { known };
    throw refusal;
  }
  const { text, usage } = await readWhole(answer);
  if (known === 'unknown' && !ollamaMark.test(text)) return { known: false };
  if (usage.promptTokens === undefined) throw brokenAnswer('The model server does not count the tokens of a prompt.');
  return usage.promptTokens;
}

function textOf(message: unknown): string {
  const { content, ...rest } = message as { content?: unknown };
  const calls = 'tool_calls' in rest ? JSON.stringify(rest.tool_calls) : '';
  if (typeof content === 'string') return content + calls;
  const parts = Array.isArray(content) ? (content as { text?: unknown }[]) : [];
  return parts.map((part) => (typeof part.text === 'string' ? part.text : '')).join('\n') + calls;
}
