import type { GitlabModel } from './state.ts';

/** The model as GitLab sends it to its gateway in each request: the family in lower case, with the key. */
export function modelMetadata(model: GitlabModel): Record<string, string> {
  return {
    provider: 'openai',
    name: model.model.toLowerCase(),
    endpoint: model.endpoint,
    ...(model.apiToken && { api_key: model.apiToken }),
    ...(model.identifier && { identifier: model.identifier }),
  };
}
