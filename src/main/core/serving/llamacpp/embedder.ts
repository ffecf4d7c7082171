import type { LlamaEmbeddingContext } from 'node-llama-cpp';
import { type ApiError, badRequest, contextExceeded, tooBusy } from '../openai/api-error.ts';
import type { EmbeddingRequest } from '../openai/embedding-request.ts';
import { type LoadedModel, maxEmbeddedTokens } from './load-model.ts';
import type { Pulse } from './pulse.ts';
import { SlotPool } from './slot-pool.ts';

const maxWaiting = 64;

/** The embeddings of a request's inputs in their order, each of length 1, and the tokens of all inputs. */
export interface Embedded {
  vectors: number[][];
  tokens: number;
}

/** Computes embeddings, where the model's file says how the tokens' vectors become one: one request after the other. */
export class Embedder {
  readonly #context: LlamaEmbeddingContext | undefined;
  readonly #inputTokens: number;
  readonly #turns: SlotPool<LlamaEmbeddingContext>;
  readonly #pulse: Pulse;

  constructor({ embeddings, contextTokens }: LoadedModel, pulse: Pulse) {
    this.#context = embeddings;
    this.#inputTokens = Math.min(contextTokens, maxEmbeddedTokens);
    this.#turns = new SlotPool(embeddings ? [embeddings] : [], maxWaiting);
    this.#pulse = pulse;
  }

  /**
   * Computes them. Throws ApiError 400 for a model that has none and for an input beyond the context, 429 when too many
   * requests wait, and the signal's reason when it aborts.
   */
  async embed({ inputs }: EmbeddingRequest, owner: string, signal: AbortSignal): Promise<Embedded> {
    const context = this.#context;
    if (!context) throw notAllowed();
    const lengths = inputs.map((input) => context.calculateInputLength(input));
    const tooLong = lengths.findIndex((length) => length >= this.#inputTokens);
    if (tooLong >= 0) throw contextExceeded(this.#inputTokens, lengths[tooLong] ?? 0, 'input');
    const turn = await this.#turns.acquire(owner, ([only]) => only as LlamaEmbeddingContext, signal);
    if (!turn) throw tooBusy(`The model is busy: ${maxWaiting} requests are already waiting.`);
    try {
      const vectors: number[][] = [];
      for (const input of inputs) {
        signal.throwIfAborted();
        const { vector } = await this.#pulse.during(turn.getEmbeddingFor(input));
        vectors.push(unit(vector));
      }
      return { vectors, tokens: lengths.reduce((sum, length) => sum + length, 0) };
    } finally {
      this.#turns.release(turn);
    }
  }
}

/** A vector of length 1, as OpenAI's are; one without any direction stays as it is. */
function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

function notAllowed(): ApiError {
  const message =
    'You are not allowed to generate embeddings from this model: its file names no pooling, so it is no embedding model.';
  return badRequest(message, 'unsupported_value', 'model');
}
