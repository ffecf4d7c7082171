import type { ModelFeature } from './contract/models.ts';
import type { SiteFile } from './site-file.ts';

/** What people read for each feature of GitLab Duo, in window and terminal, by the feature's name in the catalogue. */
export const featureLabels: Record<ModelFeature, string> = {
  codeCompletion: 'Code completion',
  codeGeneration: 'Code generation',
  chat: 'Chat',
  agentPlatform: 'Agent Platform',
};

/** The catalogue's name of each feature that a site file can list. */
export const catalogueFeature: Record<SiteFile['features'][number], ModelFeature> = {
  CODE_COMPLETIONS: 'codeCompletion',
  CODE_GENERATIONS: 'codeGeneration',
  DUO_CHAT: 'chat',
  DUO_AGENT_PLATFORM: 'agentPlatform',
};
