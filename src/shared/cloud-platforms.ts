import type { SiteFile, SiteModel } from './site-file.ts';

/** A service on the internet that GitLab's gateway asks itself. */
export interface CloudPlatform {
  /** The word before the first slash of a model's identifier. */
  id: string;
  title: string;
  /** The domain that answers, as reports name it. */
  domain: string;
  /** What GitLab stores as the endpoint; absent where the site file has to name it. */
  endpoint?: string;
  /** Who holds the credentials: GitLab sends a key with each request, or the gateway's container has them. */
  credentials: 'gitlab' | 'gateway';
}

/** The platforms that a site file can name. eras.yaml says which version lists which, and where that was read. */
export const cloudPlatforms: readonly CloudPlatform[] = [
  // GitLab's own form stores this address, and its gateway ignores it. The same goes for Vertex AI.
  {
    id: 'bedrock',
    title: 'AWS Bedrock',
    domain: 'amazonaws.com',
    endpoint: 'http://bedrockselfhostedmodel.com',
    credentials: 'gateway',
  },
  { id: 'azure', title: 'Azure OpenAI', domain: 'azure.com', credentials: 'gitlab' },
  {
    id: 'vertex_ai',
    title: 'Google Vertex AI',
    domain: 'googleapis.com',
    endpoint: 'https://aiplatform.googleapis.com',
    credentials: 'gateway',
  },
  {
    id: 'anthropic',
    title: 'Anthropic',
    domain: 'anthropic.com',
    endpoint: 'https://api.anthropic.com',
    credentials: 'gitlab',
  },
  { id: 'openai', title: 'OpenAI', domain: 'openai.com', endpoint: 'https://api.openai.com/v1', credentials: 'gitlab' },
];

/** Returns the platform that serves a model; undefined for one with a server of its own, before which the front stands. */
export function cloudOf({ engine, identifier }: SiteModel): CloudPlatform | undefined {
  return engine === 'cloud' ? cloudPlatforms.find(({ id }) => identifier?.startsWith(`${id}/`)) : undefined;
}

/** Returns the platforms that a site uses, each once. */
export function usedPlatforms({ model, models = [] }: Pick<SiteFile, 'model' | 'models'>): CloudPlatform[] {
  const found = [...(model ? [model] : []), ...models].map(cloudOf);
  return cloudPlatforms.filter((one) => found.includes(one));
}
