/** An error as OpenAI-compatible clients expect it. `mayRetry: false` becomes `x-should-retry: false`. */
export interface ApiErrorFacts {
  status: number;
  type: 'invalid_request_error' | 'authentication_error' | 'permission_error' | 'server_error' | 'rate_limit_error';
  code: string | null;
  param?: string;
  mayRetry: boolean;
  /** When to ask again; becomes `retry-after`. */
  retryAfterSeconds?: number;
}

/** Thrown inside a model server; its message is for the client and holds no secrets. */
export class ApiError extends Error {
  readonly facts: ApiErrorFacts;

  constructor(message: string, facts: ApiErrorFacts) {
    super(message);
    this.name = 'ApiError';
    this.facts = facts;
  }
}

/** A request that can never succeed as it is: 400, or the more exact `status`. */
export function badRequest(message: string, code: string | null = null, param?: string, status = 400): ApiError {
  return new ApiError(message, {
    status,
    type: 'invalid_request_error',
    code,
    ...(param && { param }),
    mayRetry: false,
  });
}

/** The prompt alone fills the context: OpenAI's wording and code, which clients look for. */
export function contextExceeded(
  contextTokens: number,
  promptTokens: number,
  field: 'messages' | 'prompt' | 'input' = 'messages',
): ApiError {
  return badRequest(
    `This model's maximum context length is ${contextTokens} tokens. However, your ${field} resulted in ${promptTokens} tokens. Please reduce the length of the ${field}.`,
    'context_length_exceeded',
    field,
  );
}

/**
 * More requests than the server lets wait. The client's own, slower retry is better than one after a second, so OpenAI's clients are
 * told not to try by themselves.
 */
export function tooBusy(message: string): ApiError {
  const facts = { status: 429, type: 'rate_limit_error', code: 'queue_full' } as const;
  return new ApiError(message, { ...facts, mayRetry: false, retryAfterSeconds: 5 });
}

/** The body of an error answer. */
export function apiErrorBody(error: ApiError): { error: Record<string, string | null> } {
  const { type, code, param } = error.facts;
  return { error: { message: error.message, type, param: param ?? null, code } };
}
