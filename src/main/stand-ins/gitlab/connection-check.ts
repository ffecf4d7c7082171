import { z } from 'zod';
import type { ConnectionResult } from '../../core/gitlab/graphql-documents.ts';
import { boundedRequest } from '../../core/http/bounded-request.ts';
import { gatewayHeaders } from './instance-token.ts';
import { modelMetadata } from './model-metadata.ts';
import type { GitlabModel, GitlabState } from './state.ts';

const detailBody = z.object({ detail: z.string() });
const modelList = z.object({ data: z.array(z.object({ id: z.string().max(500) })).max(1000) });

/**
 * Runs GitLab's own check: asks the gateway to say hello through the model, within 15 s. 200 passes, 421 carries the model
 * server's status, any other status is the gateway's. The wording of the results is this stand-in's, except for the parts that
 * people search for ("returned code", "Did you mean").
 */
export async function checkConnection(
  state: GitlabState,
  instance: { url: string; version: string },
  model: GitlabModel,
  requestId: string,
): Promise<ConnectionResult> {
  const gateway = state.duoSettings.aiGatewayUrl;
  if (!gateway) return failed('AI Gateway URL is not set');
  const answer = await boundedRequest({
    method: 'POST',
    url: `${gateway}/v1/prompts/model_configuration%2Fcheck`,
    headers: await gatewayHeaders(state, instance, requestId),
    json: { inputs: {}, prompt_version: '^1.0.0', stream: false, model_metadata: modelMetadata(model) },
    timeoutMs: 15_000,
  });
  if (answer.kind === 'failure')
    return failed(`Cannot access AI Gateway at ${gateway}: ${answer.failure}, ${answer.detail}`);
  if (answer.status === 200) return { success: true, message: 'The gateway reached the self-hosted model', errors: [] };
  if (answer.status !== 421) return failed(`AI Gateway returned code ${answer.status}: ${answer.text.slice(0, 500)}`);
  const detail = detailOf(answer.text);
  return failed(`The self-hosted model server returned ${detail}${detail.startsWith('404') ? await hint(model) : ''}`);
}

function failed(message: string): ConnectionResult {
  return { success: false, message, errors: [message] };
}

function detailOf(text: string): string {
  try {
    return detailBody.parse(JSON.parse(text)).detail.slice(0, 500);
  } catch {
    return `an answer without detail: ${text.slice(0, 200)}`;
  }
}

async function hint(model: GitlabModel): Promise<string> {
  const answer = await boundedRequest({
    method: 'GET',
    url: `${model.endpoint}/models`,
    headers: model.apiToken ? { authorization: `Bearer ${model.apiToken}` } : {},
    timeoutMs: 5000,
  });
  if (answer.kind !== 'answer' || answer.status !== 200) return '';
  try {
    const [first] = modelList.parse(JSON.parse(answer.text)).data;
    return first ? `. Did you mean custom_openai/${first.id}?` : '';
  } catch {
    return '';
  }
}
