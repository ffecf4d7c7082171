import type { Translation } from '../language.ts';
import type { settingsText } from '../settings.ts';

/** German words for GitLab's features and settings. */
export const settings: Translation<typeof settingsText> = {
  fields: {
    aiGatewayUrl: 'URL des AI Gateway',
    duoAgentPlatformServiceUrl: 'URL des Dienstes der Agent Platform',
    selfHostedDuoAgentPlatformServiceSecure: 'Dienst der Agent Platform über TLS',
    aiGatewayTimeoutSeconds: 'Zeitgrenze des AI Gateway in Sekunden',
  },
  features: {
    codeCompletion: 'Codevervollständigung',
    codeGeneration: 'Codeerzeugung',
    chat: 'Chat',
    agentPlatform: 'Agent Platform',
  },
  providers: {
    SELF_HOSTED: 'Selbst gehostet',
    VENDORED: 'KI-Anbieter von GitLab',
    DISABLED: 'Abgeschaltet',
    UNASSIGNED: 'Nicht zugewiesen',
  },
  switches: { true: 'an', false: 'aus' },
  or: 'oder',
  states: { set: 'geändert', kept: 'schon richtig', differs: 'abweichend' },
};
