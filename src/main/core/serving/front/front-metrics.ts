import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One ended request, as metrics count it. */
export interface EndedRequest {
  path: string;
  status: number;
  seconds: number;
  /** Until the first content, thinking or tool call of a stream. */
  firstTokenSeconds?: number;
  promptTokens: number;
  completionTokens: number;
}

/** From a short completion to an answer that takes the ten minutes that a request may last. */
const seconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
/** Paths of clients are not labels: anyone could make as many time series as they like. */
const answeredPaths = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings'];
const knownPaths = [...answeredPaths, '/v1/models', '/metrics'];

/** Counts the requests of a front for Prometheus. Holds no prompts, keys or client addresses. */
export class FrontMetrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: 'sealift_front_requests_total',
    help: 'Ended requests by path and HTTP status; 499 is a client that disconnected early.',
    labelNames: ['path', 'status'],
    registers: [this.#registry],
  });
  readonly #seconds = new Histogram({
    name: 'sealift_front_request_duration_seconds',
    help: 'Time from the arrival of a request to the model to the end of its answer.',
    buckets: seconds,
    registers: [this.#registry],
  });
  readonly #firstToken = new Histogram({
    name: 'sealift_front_first_token_seconds',
    help: 'Time from the arrival of a streamed request to its first content, thinking or tool call.',
    buckets: seconds,
    registers: [this.#registry],
  });
  readonly #tokens = new Counter({
    name: 'sealift_front_tokens_total',
    help: 'Tokens that the model server reported.',
    labelNames: ['kind'],
    registers: [this.#registry],
  });

  /** `inFlight` returns how many requests are being answered. */
  constructor(inFlight: () => number) {
    new Gauge({
      name: 'sealift_front_requests_in_flight',
      help: 'Requests being answered.',
      registers: [this.#registry],
      collect() {
        this.set(inFlight());
      },
    });
  }

  ended({ path, status, promptTokens, completionTokens, ...took }: EndedRequest): void {
    this.#requests.inc({ path: knownPaths.includes(path) ? path : 'other', status: String(status) });
    this.#tokens.inc({ kind: 'prompt' }, promptTokens);
    this.#tokens.inc({ kind: 'completion' }, completionTokens);
    if (!answeredPaths.includes(path)) return;
    this.#seconds.observe(took.seconds);
    if (took.firstTokenSeconds !== undefined) this.#firstToken.observe(took.firstTokenSeconds);
  }

  /** The text that Prometheus scrapes, with its content type. */
  async scraped(): Promise<{ type: string; text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}
