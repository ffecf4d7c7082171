import type { LlamaContextSequence, LlamaGrammar, Token } from 'node-llama-cpp';
import { contextExceeded, tooBusy } from '../openai/api-error.ts';
import type { ChatRequest, ToolCall } from '../openai/chat-request.ts';
import type { PartOf } from '../parts/parts.ts';
import { callGrammar } from './call-syntax.ts';
import { CallText } from './call-text.ts';
import { ChatPrompt } from './chat-prompt.ts';
import { jsonGrammar } from './json-grammar.ts';
import { type LoadedModel, loadModel } from './load-model.ts';
import { Pulse } from './pulse.ts';
import { schemaGrammar } from './schema-grammar.ts';
import { SlotPool } from './slot-pool.ts';
import { StopText } from './stop-text.ts';
import { TokenText } from './token-text.ts';

/** Why an answer ended. */
export type FinishReason = 'stop' | 'length' | 'tool_calls';

/** The end of an answer. */
export interface ChatEnd {
  finishReason: FinishReason;
  completionTokens: number;
  toolCalls: ToolCall[];
}

interface Work {
  slot: LlamaContextSequence;
  tokens: Token[];
  maxTokens: number;
  request: ChatRequest;
  /** What the answer is bound to. */
  grammar: LlamaGrammar | undefined;
  signal: AbortSignal;
  isTaken: boolean;
}

/** A request that has a slot. A started `run` must be iterated to its end or broken off; both free the slot. */
export interface AdmittedChat {
  promptTokens: number;
  /** Yields the answer's text piece by piece and returns why it ended. Throws the signal's reason when that aborts. */
  run(): AsyncGenerator<string, ChatEnd>;
  /** Frees the slot of a chat whose run never started; else does nothing. */
  giveUp(): void;
}

// One chunk is the longest that other requests, and a cancel, have to wait.
const prefillChunkTokens = 256;
const maxWaiting = 64;

/** A model in this process that answers chats, several at once in slots. */
export class LlamaEngine {
  readonly contextTokens: number;
  readonly #loaded: LoadedModel;
  readonly #prompt: ChatPrompt;
  readonly #slots: SlotPool<LlamaContextSequence>;
  readonly #counts = { requests: 0, tokensGenerated: 0, promptTokens: 0, cancelled: 0, failed: 0, inFlight: 0 };
  readonly #pulse = new Pulse();
  #tokensPerSecond: number | undefined;

  private constructor(loaded: LoadedModel, slots: number) {
    this.#loaded = loaded;
    this.contextTokens = loaded.contextTokens;
    this.#prompt = new ChatPrompt(loaded.library, loaded.model);
    const sequences = Array.from({ length: slots }, () => loaded.context.getSequence());
    this.#slots = new SlotPool(sequences, maxWaiting);
  }

  /** Loads the model; errors as `loadModel`. */
  static async load(config: PartOf<'llamacpp'>): Promise<LlamaEngine> {
    return new LlamaEngine(await loadModel(config), config.slots);
  }

  /**
   * Renders and counts the prompt and waits for a slot. Throws ApiError 400 when the prompt leaves no room for an answer,
   * 429 when too many wait, and the signal's reason when it aborts. Owners take turns, as `SlotPool` says.
   */
  async admit(request: ChatRequest, owner: string, signal: AbortSignal): Promise<AdmittedChat> {
    this.#counts.requests += 1;
    const { messages, tools, forcedCall } = request;
    const tokens = this.#prompt.tokens(messages, tools, forcedCall && this.#prompt.callSyntax.start);
    const room = this.contextTokens - tokens.length;
    if (room < 1) throw contextExceeded(this.contextTokens, tokens.length);
    const grammar = await this.#grammarFor(request);
    const slot = await this.#slots.acquire(owner, (free) => longestShared(free, tokens), signal);
    if (!slot) throw tooBusy(`The model is busy: ${maxWaiting} requests are already waiting.`);
    this.#counts.inFlight += 1;
    this.#counts.promptTokens += tokens.length;
    const work: Work = {
      slot,
      tokens,
      maxTokens: Math.min(request.maxTokens ?? room, room),
      request,
      grammar,
      signal,
      isTaken: false,
    };
    const giveUp = () => {
      if (!work.isTaken) this.#free(work);
    };
    return { promptTokens: tokens.length, run: () => this.#run(work), giveUp };
  }

  /**
   * Returns the engine's figures; `device` as llama.cpp reports it, `tokensPerSecond` of the last answer, `silentSeconds` since it
   * started to compute what has no result yet.
   */
  measure(): Record<string, number | string> {
    const { llama, model, context, gguf, buffers } = this.#loaded;
    const { vram } = context.memoryUsage;
    return {
      residentBytes: process.memoryUsage().rss,
      ...this.#counts,
      waiting: this.#slots.waiting,
      silentSeconds: this.#pulse.silentSeconds(),
      ...(this.#tokensPerSecond !== undefined && { tokensPerSecond: this.#tokensPerSecond }),
      contextTokens: this.contextTokens,
      modelBytes: gguf.sizeBytes,
      contextBytes: context.memoryUsage.ram + vram,
      ...buffers(),
      device: llama.gpu !== false && model.gpuLayers > 0 ? `gpu (${llama.gpu})` : 'cpu',
      gpuLayers: model.gpuLayers,
      threads: context.currentThreads,
    };
  }

  /** Waits for the running batch, then frees the model. */
  async dispose(): Promise<void> {
    await this.#loaded.context.dispose();
    await this.#loaded.model.dispose();
    await this.#loaded.llama.dispose();
  }

  #free(work: Work): void {
    work.isTaken = true;
    this.#counts.inFlight -= 1;
    this.#slots.release(work.slot);
  }

  async *#run(work: Work): AsyncGenerator<string, ChatEnd> {
    if (work.isTaken) throw new Error('a chat runs once');
    work.isTaken = true;
    let outcome: 'whole' | 'cancelled' | 'failed' = 'cancelled';
    try {
      await prefill(work, this.#pulse);
      const end = yield* this.#answer(work);
      outcome = 'whole';
      return end;
    } catch (error) {
      if (error !== work.signal.reason) {
        outcome = 'failed';
        // The slot's content is unknown after an error and must not be reused as a prefix.
        await work.slot.clearHistory().catch(() => undefined);
      }
      throw error;
    } finally {
      if (outcome !== 'whole') this.#counts[outcome] += 1;
      this.#free(work);
    }
  }

  async #grammarFor({ format, forcedCall, tools, parallelCalls }: ChatRequest): Promise<LlamaGrammar | undefined> {
    const { llama } = this.#loaded;
    if (format === 'json') return llama.createGrammar({ grammar: jsonGrammar });
    if (format !== 'text') return llama.createGrammar({ grammar: schemaGrammar(format.schema) });
    if (!forcedCall) return undefined;
    const names = forcedCall === 'any' ? tools.map(({ name }) => name) : [forcedCall.name];
    return llama.createGrammar({ grammar: callGrammar(this.#prompt.callSyntax, names, parallelCalls) });
  }

  /** The text of an answer with tools has the template's own tokens, since calls may begin with one. */
  #textOf({ tools }: ChatRequest): TokenText {
    const { model } = this.#loaded;
    return new TokenText((some, before) => model.detokenize(some, tools.length > 0, before));
  }

  async *#answer({ slot, tokens, maxTokens, request, grammar, signal }: Work): AsyncGenerator<string, ChatEnd> {
    const { model, library } = this.#loaded;
    const text = this.#textOf(request);
    const calls = callsIn(request, this.#prompt);
    const stop = new StopText(request.stops);
    const said: Token[] = [];
    const started = performance.now();
    let finishReason: FinishReason = 'stop';
    const state = grammar && new library.LlamaGrammarEvaluationState({ model, grammar });
    const options = { ...sampling(request, said), ...(state && { grammarEvaluationState: state }) };
    for await (const token of this.#pulse.each(slot.evaluate(tokens.slice(-1), options))) {
      signal.throwIfAborted();
      if (model.isEogToken(token)) break;
      said.push(token);
      this.#counts.tokensGenerated += 1;
      const piece = stop.push(calls.push(text.push(token)));
      if (piece !== '') yield piece;
      if (stop.isStopped) break;
      if (said.length >= maxTokens) {
        finishReason = 'length';
        break;
      }
    }
    const found = callsAtEnd(calls, stop.isStopped ? '' : text.end(), finishReason === 'length');
    const rest = stop.push(found.content) + stop.end();
    if (rest !== '') yield rest;
    if (found.calls.length > 0 && finishReason === 'stop') finishReason = 'tool_calls';
    this.#tokensPerSecond = Math.round((said.length / Math.max(1, performance.now() - started)) * 1e5) / 100;
    return { finishReason, completionTokens: said.length, toolCalls: found.calls };
  }
}

const noCalls = { push: (piece: string) => piece, end: () => ({ calls: [] as ToolCall[], content: '' }) };

/** What finds the calls in an answer; a forced call has begun in the prompt. */
function callsIn(
  { tools, forcedCall, parallelCalls }: ChatRequest,
  prompt: ChatPrompt,
): Pick<CallText, 'push' | 'end'> {
  if (tools.length === 0) return noCalls;
  const names = tools.map(({ name }) => name);
  const calls = new CallText(prompt.callSyntax, names, parallelCalls);
  if (forcedCall) calls.push(prompt.callSyntax.start);
  return calls;
}

function callsAtEnd(calls: Pick<CallText, 'push' | 'end'>, last: string, isCut: boolean): ReturnType<CallText['end']> {
  const before = calls.push(last);
  const end = calls.end(isCut);
  return { calls: end.calls, content: before + end.content };
}

/** Evaluates all but the last token in the slot, in chunks, reusing the prefix that it shares with the slot's last chat. */
async function prefill({ slot, tokens, signal }: Work, pulse: Pulse): Promise<void> {
  const last = tokens.length - 1;
  await pulse.during(slot.adaptStateToTokens(tokens.slice(0, last), false));
  for (let at = slot.nextTokenIndex; at < last; at += prefillChunkTokens) {
    signal.throwIfAborted();
    const chunk = tokens.slice(at, Math.min(at + prefillChunkTokens, last));
    await pulse.during(slot.evaluateWithoutGeneratingNewTokens(chunk));
  }
  signal.throwIfAborted();
}

/** The slot that shares the longest start with the prompt; the one free for longest when none shares any. */
function longestShared(free: readonly LlamaContextSequence[], tokens: Token[]): LlamaContextSequence {
  const shared = free.map((slot) => slot.compareContextTokens(tokens).firstDifferentIndex);
  return free[shared.indexOf(Math.max(...shared))] as LlamaContextSequence;
}

/** OpenAI's defaults, not the library's: all tokens may be drawn. */
function sampling(request: ChatRequest, said: readonly Token[]) {
  const { temperature, topP, seed, frequencyPenalty, presencePenalty } = request;
  const penalised = frequencyPenalty !== 0 || presencePenalty !== 0;
  return {
    temperature,
    topK: 0,
    topP,
    minP: 0,
    yieldEogToken: true,
    ...(seed !== undefined && { seed: Math.abs(seed) % 2 ** 32 }),
    ...(penalised && {
      repeatPenalty: { punishTokens: () => [...said], penalty: 1, frequencyPenalty, presencePenalty },
    }),
  };
}
