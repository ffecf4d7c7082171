import type { LlamaContextSequence, LlamaGrammar, Token } from 'node-llama-cpp';
import { contextExceeded, tooBusy } from '../openai/api-error.ts';
import type { ChatRequest } from '../openai/chat-request.ts';
import type { CompletionRequest } from '../openai/completion-request.ts';
import type { EmbeddingRequest } from '../openai/embedding-request.ts';
import type { PartOf } from '../parts/parts.ts';
import { type Answering, oneAnswer } from './answer-run.ts';
import type { AnswerStep } from './answer-step.ts';
import { callGrammar } from './call-grammar.ts';
import { CallText } from './call-text.ts';
import { ChatPrompt } from './chat-prompt.ts';
import { type Embedded, Embedder } from './embedder.ts';
import { jsonGrammar } from './json-grammar.ts';
import { type LoadedModel, loadModel } from './load-model.ts';
import { Pulse } from './pulse.ts';
import { schemaGrammar } from './schema-grammar.ts';
import { SlotPool } from './slot-pool.ts';
import { textPrompt } from './text-prompt.ts';

/** What a request needs of the engine, beside what it says itself. */
interface Work {
  asked: Answering;
  slot: LlamaContextSequence;
  choices: number;
  signal: AbortSignal;
  isTaken: boolean;
}

/** A request that has a slot. A started `run` must be iterated to its end or broken off; both free the slot. */
export interface AdmittedRequest {
  promptTokens: number;
  /** Yields the steps of each answer, one answer after the other, by its index. Throws the signal's reason when that aborts. */
  run(): AsyncGenerator<{ choice: number; step: AnswerStep }>;
  /** Frees the slot of a request whose run never started; else does nothing. */
  giveUp(): void;
}

const maxWaiting = 64;
const maxSaid = 1000;

/** A model in this process that answers chats and text completions, several at once in slots, and computes embeddings. */
export class LlamaEngine {
  readonly contextTokens: number;
  readonly #loaded: LoadedModel;
  readonly #prompt: ChatPrompt;
  readonly #slots: SlotPool<LlamaContextSequence>;
  readonly #counts = {
    requests: 0,
    tokensGenerated: 0,
    promptTokens: 0,
    promptTokensEvaluated: 0,
    cancelled: 0,
    failed: 0,
    inFlight: 0,
  };
  readonly #pulse = new Pulse();
  readonly #embedder: Embedder;
  readonly #said = new Set<string>();
  #tokensPerSecond: number | undefined;

  private constructor(loaded: LoadedModel, slots: number) {
    this.#loaded = loaded;
    this.contextTokens = loaded.contextTokens;
    this.#prompt = new ChatPrompt(loaded.library, loaded.model);
    const sequences = Array.from({ length: slots }, () => loaded.context.getSequence());
    this.#slots = new SlotPool(sequences, maxWaiting);
    this.#embedder = new Embedder(loaded, this.#pulse);
  }

  /** Loads the model; errors as `loadModel`. */
  static async load(config: PartOf<'llamacpp'>, tryEntry: string): Promise<LlamaEngine> {
    return new LlamaEngine(await loadModel(config, tryEntry), config.slots);
  }

  /**
   * Renders and counts the prompt and waits for a slot. Throws ApiError 400 when the prompt leaves no room for an answer,
   * 429 when too many wait, and the signal's reason when it aborts. Owners take turns, as `SlotPool` says.
   */
  async admit(request: ChatRequest | CompletionRequest, owner: string, signal: AbortSignal): Promise<AdmittedRequest> {
    this.#counts.requests += 1;
    const { tokens, ...way } = 'messages' in request ? await this.#chat(request) : this.#completion(request);
    const room = this.contextTokens - tokens.length;
    if (room < 1)
      throw contextExceeded(this.contextTokens, tokens.length, 'messages' in request ? 'messages' : 'prompt');
    const slot = await this.#slots.acquire(owner, (free) => longestShared(free, tokens), signal);
    if (!slot) throw tooBusy(`The model is busy: ${maxWaiting} requests are already waiting.`);
    this.#counts.inFlight += 1;
    const asked = { ...way, request, tokens, maxTokens: Math.min(request.maxTokens ?? room, room) };
    const work: Work = { asked, slot, choices: request.choices, signal, isTaken: false };
    const giveUp = () => {
      if (!work.isTaken) this.#free(work);
    };
    return { promptTokens: tokens.length, run: () => this.#run(work), giveUp };
  }

  /** Computes embeddings; errors as `Embedder.embed`. */
  async embed(request: EmbeddingRequest, owner: string, signal: AbortSignal): Promise<Embedded> {
    this.#counts.requests += 1;
    const embedded = await this.#embedder.embed(request, owner, signal);
    this.#counts.promptTokens += embedded.tokens;
    this.#counts.promptTokensEvaluated += embedded.tokens;
    return embedded;
  }

  /**
   * Returns the engine's figures; `device` as llama.cpp reports it, `tokensPerSecond` of the last answer, `silentSeconds` since it
   * started to compute what has no result yet.
   */
  measure(): Record<string, number | string> {
    const { llama, model, context, gguf, device, buffers } = this.#loaded;
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
      // Only what was measured on a device counts as running there.
      device: device.names.length > 0 ? `${llama.gpu} (${device.names.join(', ')})` : 'cpu',
      gpuLayers: device.names.length > 0 ? model.gpuLayers : 0,
      ...(device.names.length > 0 && { deviceBytes: device.allocatedBytes }),
      ...(device.driverBytes !== undefined && { driverBytes: device.driverBytes }),
      ...(device.refused.length > 0 && { notUsed: device.refused.join('; ') }),
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

  async *#run(work: Work): AsyncGenerator<{ choice: number; step: AnswerStep }> {
    if (work.isTaken) throw new Error('a request runs once');
    work.isTaken = true;
    let outcome: 'whole' | 'cancelled' | 'failed' = 'cancelled';
    try {
      for (let choice = 0; choice < work.choices; choice += 1)
        for await (const step of this.#answer(work, choice)) yield { choice, step };
      outcome = 'whole';
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

  async *#answer({ asked, slot, signal }: Work, choice: number): AsyncGenerator<AnswerStep> {
    const at = { slot, pulse: this.#pulse, loaded: this.#loaded, signal };
    const { completionTokens, seconds } = yield* oneAnswer({ ...asked, choice }, at, {
      onPrompt: (evaluated) => {
        // Here, so that a request that was given up before does not look like one whose prompt was reused.
        if (choice === 0) this.#counts.promptTokens += asked.tokens.length;
        this.#counts.promptTokensEvaluated += evaluated;
      },
      onToken: () => {
        this.#counts.tokensGenerated += 1;
      },
    });
    this.#tokensPerSecond = Math.round((completionTokens / seconds) * 100) / 100;
  }

  async #chat(request: ChatRequest) {
    const { messages, tools, forcedCall } = request;
    return {
      tokens: this.#prompt.tokens(messages, tools, forcedCall && this.#prompt.callSyntax.start),
      grammar: await this.#grammarFor(request),
      ...(tools.length > 0 && { calls: () => callsIn(request, this.#prompt) }),
    };
  }

  /** Logs what was loosened of the schemas of tools; clients send the same tools with each request. */
  readonly #sayOnce = (problem: string): void => {
    if (this.#said.has(problem) || this.#said.size >= maxSaid) return;
    this.#said.add(problem);
    process.stderr.write(`Not enforced: ${problem}\n`);
  };

  #completion(request: CompletionRequest) {
    return { tokens: textPrompt(this.#loaded.model, request), grammar: undefined };
  }

  async #grammarFor({ format, forcedCall, tools, parallelCalls }: ChatRequest): Promise<LlamaGrammar | undefined> {
    const { llama } = this.#loaded;
    if (format === 'json') return llama.createGrammar({ grammar: jsonGrammar });
    if (format !== 'text') return llama.createGrammar({ grammar: schemaGrammar(format.schema) });
    if (!forcedCall) return undefined;
    const bound = forcedCall === 'any' ? tools : tools.filter(({ name }) => name === forcedCall.name);
    const calls = { tools: bound, isParallel: parallelCalls, onLoosened: this.#sayOnce };
    return llama.createGrammar({ grammar: callGrammar(this.#prompt.callSyntax, calls) });
  }
}

/** What finds the calls in an answer; a forced call has begun in the prompt. */
function callsIn({ tools, forcedCall, parallelCalls }: ChatRequest, prompt: ChatPrompt): CallText {
  const names = tools.map(({ name }) => name);
  const calls = new CallText(prompt.callSyntax, names, parallelCalls);
  if (forcedCall) calls.push(prompt.callSyntax.start);
  return calls;
}

/** The slot that shares the longest start with the prompt; the one free for longest when none shares any. */
function longestShared(free: readonly LlamaContextSequence[], tokens: Token[]): LlamaContextSequence {
  const shared = free.map((slot) => slot.compareContextTokens(tokens).firstDifferentIndex);
  return free[shared.indexOf(Math.max(...shared))] as LlamaContextSequence;
}
