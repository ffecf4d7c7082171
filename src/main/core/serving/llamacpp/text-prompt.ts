import type { LlamaModel, Token } from 'node-llama-cpp';
import { badRequest } from '../openai/api-error.ts';
import type { CompletionRequest } from '../openai/completion-request.ts';

/**
 * The tokens of a text completion. Without a suffix the prompt is as the client wrote it, control tokens included. With one, prompt and
 * suffix are text between the markers that the model's own file names for that. Throws ApiError 400.
 */
export function textPrompt(model: LlamaModel, { prompt, suffix }: CompletionRequest): Token[] {
  const { bos, eos, shouldPrependBosToken } = model.tokens;
  const tokens = suffix === undefined ? model.tokenize(prompt, true) : infillPrompt(model, prompt, suffix);
  if (shouldPrependBosToken && bos !== null && tokens[0] !== bos) tokens.unshift(bos);
  if (tokens.length > 0) return tokens;
  // OpenAI's default for no prompt: the start of a new text.
  const start = bos ?? eos;
  if (start === null) throw badRequest('The prompt is empty.', null, 'prompt');
  return [start];
}

function infillPrompt(model: LlamaModel, prompt: string, suffix: string): Token[] {
  const { prefix: before, suffix: after, middle } = model.tokens.infill;
  if (before === null || after === null)
    throw badRequest(
      'This model cannot fill in the middle, so it takes no suffix: its file names no tokens for that.',
      'unsupported_value',
      'suffix',
    );
  const [start, end] = [prompt, suffix].map((text) => model.tokenize(text, false, 'trimLeadingSpace')) as [
    Token[],
    Token[],
  ];
  // Models without a marker for the middle were trained on the suffix first.
  return middle === null ? [after, ...end, before, ...start] : [before, ...start, after, ...end, middle];
}
