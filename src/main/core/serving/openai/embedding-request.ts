import { z } from 'zod';
import { badRequest } from './api-error.ts';
import { checkedBody } from './generation-request.ts';

/** The parts of a request for embeddings that the embedded engine supports; unknown keys are dropped. */
const embeddingRequestSchema = z.object({
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2048)]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().nullish(),
});

/** A checked request for embeddings. */
export interface EmbeddingRequest {
  inputs: string[];
  isBase64: boolean;
}

/** Checks the body of a request for embeddings for the embedded engine. Throws ApiError 400 that names the field. */
export function embeddingRequest(body: unknown): EmbeddingRequest {
  const { input, encoding_format, dimensions } = checkedBody(embeddingRequestSchema, body);
  if (dimensions !== undefined && dimensions !== null)
    throw badRequest(
      'This engine returns embeddings as long as the model makes them.',
      'unsupported_value',
      'dimensions',
    );
  return { inputs: [input].flat(), isBase64: encoding_format === 'base64' };
}
