import { z } from 'zod';
import { boundedRequest } from '../../core/http/bounded-request.ts';
import { gatewayHeaders } from './instance-token.ts';
import { modelMetadata } from './model-metadata.ts';
import { modelFor } from './settings.ts';
import type { GitlabModel, GitlabState } from './state.ts';

const content = z.string().max(400_000);
const suggestionRequest = z.object({
  current_file: z.object({
    file_name: z.string().min(1).max(255),
    content_above_cursor: content,
    content_below_cursor: content.default(''),
  }),
  intent: z.enum(['completion', 'generation']).default('completion'),
  user_instruction: z.string().max(10_000).optional(),
});
type SuggestionRequest = z.infer<typeof suggestionRequest>;

/** What the REST route answers. */
export interface RestAnswer {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

// Families that the flat form of /v2/code/completions takes; all others travel in the component form of /v4.
const flatFamilies = [
  'CODEGEMMA',
  'CODELLAMA',
  'CODESTRAL',
  'DEEPSEEKCODER',
  'LLAMA3',
  'MISTRAL',
  'MIXTRAL',
  'CLAUDE_3',
  'GPT',
];

/**
 * Handles `POST /api/v4/code_suggestions/completions` as GitLab does: its own 401 while the feature has no model, else the
 * gateway's unchanged answer, within 55 s.
 */
export async function suggestCode(
  body: unknown,
  state: GitlabState,
  instance: { url: string; version: string },
  requestId: string,
): Promise<RestAnswer> {
  const request = suggestionRequest.safeParse(body);
  if (!request.success) return { status: 400, body: { error: z.prettifyError(request.error).slice(0, 500) } };
  const feature = request.data.intent === 'completion' ? 'CODE_COMPLETIONS' : 'CODE_GENERATIONS';
  const model = modelFor(state, feature);
  const gateway = state.duoSettings.aiGatewayUrl;
  if (!model || !gateway)
    return { status: 401, headers: { 'x-gitlab-error-origin': 'monolith' }, body: { message: '401 Unauthorized' } };
  const { path, json } = gatewayRequest(request.data, model);
  const headers = await gatewayHeaders(state, instance, requestId);
  const answer = await boundedRequest({ method: 'POST', url: `${gateway}${path}`, headers, json, timeoutMs: 55_000 });
  if (answer.kind === 'failure')
    return { status: answer.failure === 'timeout' ? 504 : 502, body: { message: `AI Gateway: ${answer.failure}` } };
  return { status: answer.status, body: parsed(answer.text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function gatewayRequest({ current_file, intent, user_instruction }: SuggestionRequest, model: GitlabModel) {
  const file = { ...current_file, language_identifier: '' };
  if (intent === 'completion' && flatFamilies.includes(model.model))
    return { path: '/v2/code/completions', json: flat(file, model) };
  const generation = {
    prompt_id: 'code_suggestions/generations',
    prompt_version: '^1.0.0',
    prompt_enhancer: { user_instruction: user_instruction ?? '' },
  };
  const payload = { ...file, stream: false, ...(intent === 'generation' && generation) };
  const component = { type: intent === 'completion' ? 'code_editor_completion' : 'code_editor_generation', payload };
  return {
    path: '/v4/code/suggestions',
    json: { prompt_components: [component], model_metadata: modelMetadata(model) },
  };
}

function flat(file: object, model: GitlabModel) {
  return {
    prompt_version: 2,
    prompt: '',
    stream: false,
    current_file: file,
    model_provider: 'litellm',
    model_name: model.model.toLowerCase(),
    model_endpoint: model.endpoint,
    ...(model.apiToken && { model_api_key: model.apiToken }),
    ...(model.identifier && { model_identifier: model.identifier }),
  };
}
