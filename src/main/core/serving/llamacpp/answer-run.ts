import { randomInt } from 'node:crypto';
import type { LlamaContextSequence, LlamaGrammar, Token } from 'node-llama-cpp';
import type { GenerationRequest } from '../openai/generation-request.ts';
import type { AnswerEnd, AnswerStep, FinishReason } from './answer-step.ts';
import type { CallText } from './call-text.ts';
import type { LoadedModel } from './load-model.ts';
import type { Pulse } from './pulse.ts';
import { StopText } from './stop-text.ts';
import { type TokenOdds, tokenOdds } from './token-odds.ts';
import { TokenText } from './token-text.ts';

/** What is answered, and how. */
export interface Answering {
  request: GenerationRequest;
  tokens: Token[];
  maxTokens: number;
  /** What the answer is bound to. */
  grammar: LlamaGrammar | undefined;
  /** What finds calls of tools in a new answer, where there are tools. */
  calls?: () => CallText;
}

/** Where it is answered. */
interface Place {
  slot: LlamaContextSequence;
  pulse: Pulse;
  loaded: LoadedModel;
  signal: AbortSignal;
}

const seeds = 2 ** 32;

// One chunk is the longest that other requests, and a cancel, have to wait.
const prefillChunkTokens = 256;

/**
 * Yields the steps of one answer, the last being its end, and returns its tokens with the time that they took, prompt apart. The answers to
 * one request, told apart by `choice`, use the same slot one after the other, so that the prompt is evaluated once.
 */
export async function* oneAnswer(
  asked: Answering & { choice: number },
  place: Place,
  told: { onPrompt(evaluatedTokens: number): void; onToken(): void },
): AsyncGenerator<AnswerStep, { completionTokens: number; seconds: number }> {
  await prefill(asked.tokens, place, told.onPrompt);
  const started = performance.now();
  const answer = new OpenAnswer(asked, place.loaded);
  for await (const { token, odds } of tokensOf(asked, place, answer.said)) {
    place.signal.throwIfAborted();
    if (place.loaded.model.isEogToken(token)) break;
    told.onToken();
    const piece = answer.push(token, odds);
    if (piece.text !== '') yield piece;
    if (answer.isOver) break;
  }
  const { rest, end } = answer.end();
  if (rest.text !== '' || rest.odds.length > 0) yield rest;
  yield { end };
  return { completionTokens: end.completionTokens, seconds: Math.max(1, performance.now() - started) / 1000 };
}

/** The text of an answer as it grows: whole characters, without what calls tools, up to a stop string or the token limit. */
class OpenAnswer {
  readonly said: Token[] = [];
  readonly #text: TokenText;
  readonly #calls: Pick<CallText, 'push' | 'end'>;
  readonly #stop: StopText;
  readonly #maxTokens: number;
  #odds: TokenOdds[] = [];

  constructor({ request, maxTokens, calls }: Answering, { model }: LoadedModel) {
    // The text of an answer with tools has the template's own tokens, since calls may begin with one.
    this.#text = new TokenText((some, before) => model.detokenize(some, calls !== undefined, before));
    this.#calls = calls?.() ?? noCalls;
    this.#stop = new StopText(request.stops);
    this.#maxTokens = maxTokens;
  }

  get isOver(): boolean {
    return this.#stop.isStopped || this.#isCut;
  }

  get #isCut(): boolean {
    return !this.#stop.isStopped && this.said.length >= this.#maxTokens;
  }

  /** Takes a token and returns the text that may be shown now, with the odds of all tokens since the last text. */
  push(token: Token, odds: TokenOdds | undefined): { text: string; odds: TokenOdds[] } {
    this.said.push(token);
    if (odds) this.#odds.push(odds);
    const text = this.#stop.push(this.#calls.push(this.#text.push(token)));
    return { text, odds: text === '' ? [] : this.#takeOdds() };
  }

  end(): { rest: { text: string; odds: TokenOdds[] }; end: AnswerEnd } {
    const before = this.#calls.push(this.#stop.isStopped ? '' : this.#text.end());
    const { calls, content } = this.#calls.end(this.#isCut);
    const finishReason: FinishReason = this.#isCut ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop';
    const text = this.#stop.push(before + content) + this.#stop.end();
    return {
      rest: { text, odds: this.#takeOdds() },
      end: { finishReason, completionTokens: this.said.length, toolCalls: calls },
    };
  }

  #takeOdds(): TokenOdds[] {
    const taken = this.#odds;
    this.#odds = [];
    return taken;
  }
}

const noCalls = { push: (piece: string) => piece, end: () => ({ calls: [], content: '' }) };

/** Evaluates all but the last token in the slot, in chunks, reusing the prefix that it shares with the slot's last request. */
async function prefill(
  tokens: Token[],
  { slot, pulse, signal }: Place,
  onPrompt: (evaluatedTokens: number) => void,
): Promise<void> {
  const last = tokens.length - 1;
  await pulse.during(slot.adaptStateToTokens(tokens.slice(0, last), false));
  // The last token is evaluated for what follows it.
  onPrompt(tokens.length - slot.nextTokenIndex);
  for (let at = slot.nextTokenIndex; at < last; at += prefillChunkTokens) {
    signal.throwIfAborted();
    const chunk = tokens.slice(at, Math.min(at + prefillChunkTokens, last));
    await pulse.during(slot.evaluateWithoutGeneratingNewTokens(chunk));
  }
  signal.throwIfAborted();
}

/** The tokens that the model draws after the prompt, with their odds if they are wanted: they cost a list of the whole vocabulary. */
async function* tokensOf(
  { request, tokens, grammar, choice }: Answering & { choice: number },
  { slot, pulse, loaded: { model, library } }: Place,
  said: readonly Token[],
): AsyncGenerator<{ token: Token; odds?: TokenOdds }> {
  const last = tokens.slice(-1);
  const state = grammar && new library.LlamaGrammarEvaluationState({ model, grammar });
  const options = { ...sampling(request, choice, said), ...(state && { grammarEvaluationState: state }) };
  const { temperature, topLogprobs: top } = request;
  if (top === undefined) {
    for await (const token of pulse.each(slot.evaluate(last, options))) yield { token };
    return;
  }
  const textOf = (token: Token) => model.detokenize([token], true);
  const drawn = slot.evaluateWithMetadata(last, { probabilities: true }, options);
  for await (const { token, probabilities } of pulse.each(drawn))
    yield { token, odds: tokenOdds(token, probabilities, { temperature, top, textOf }) };
}

/** How tokens are drawn: with OpenAI's defaults, not the library's, all of them may be. Each of several answers is another one. */
export function sampling(request: GenerationRequest, choice: number, said: readonly Token[]) {
  const { temperature, topP, seed, frequencyPenalty, presencePenalty } = request;
  const penalised = frequencyPenalty !== 0 || presencePenalty !== 0;
  return {
    temperature,
    topK: 0,
    topP,
    minP: 0,
    yieldEogToken: true,
    // Without a seed, the library takes the time in seconds: answers of one second would all be the same.
    seed: ((seed === undefined ? randomInt(seeds) : Math.abs(seed)) + choice) % seeds,
    ...(penalised && {
      repeatPenalty: { punishTokens: () => [...said], penalty: 1, frequencyPenalty, presencePenalty },
    }),
  };
}
