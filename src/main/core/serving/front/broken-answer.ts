import { ApiError } from '../openai/api-error.ts';

/** Returns the error for an answer that breaks the protocol: 502, and a retry would not help. */
export function brokenAnswer(message: string, code = 'upstream_invalid'): ApiError {
  return new ApiError(message, { status: 502, type: 'server_error', code, mayRetry: false });
}
