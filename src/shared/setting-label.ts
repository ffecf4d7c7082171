import { catalogueFeature, featureLabels } from './feature-labels.ts';

/* GitLab's own words, where its API has a name of fields. */
const duoFields: Readonly<Record<string, string>> = {
  aiGatewayUrl: 'AI Gateway URL',
  duoAgentPlatformServiceUrl: 'Agent Platform service URL',
  selfHostedDuoAgentPlatformServiceSecure: 'Agent Platform service over TLS',
  aiGatewayTimeoutSeconds: 'AI Gateway timeout in seconds',
};

/** What people read for a setting of GitLab, by its name in the results of `gitlab apply` and `gitlab check`. */
export function settingLabel(setting: string): string {
  const [, field = ''] = /^duoSettings[.](\w+)$/.exec(setting) ?? [];
  const [, feature = ''] = /^feature (\w+)$/.exec(setting) ?? [];
  if (Object.hasOwn(duoFields, field)) return duoFields[field] ?? setting;
  return Object.hasOwn(catalogueFeature, feature)
    ? featureLabels[catalogueFeature[feature as keyof typeof catalogueFeature]]
    : setting;
}

const providers: Readonly<Record<string, string>> = {
  SELF_HOSTED: 'Self-hosted',
  VENDORED: 'GitLab AI vendor',
  DISABLED: 'Disabled',
  UNASSIGNED: 'Unassigned',
};

/** What people read for the value of a setting in the same results: GitLab's API names who serves a feature in capitals. */
export function settingValue(setting: string, value: string): string {
  return setting.startsWith('feature ') ? value.replace(/^[A-Z_]+\b/, (one) => providers[one] ?? one) : value;
}
