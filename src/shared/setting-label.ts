import { catalogueFeature, featureLabels } from './feature-labels.ts';

/** GitLab's own words for what its API names in capitals or as fields, in results of `gitlab apply` and `gitlab check`. The window has them in each language. */
export const settingWords = {
  fields: {
    aiGatewayUrl: 'AI Gateway URL',
    duoAgentPlatformServiceUrl: 'Agent Platform service URL',
    selfHostedDuoAgentPlatformServiceSecure: 'Agent Platform service over TLS',
    aiGatewayTimeoutSeconds: 'AI Gateway timeout in seconds',
  } as Record<string, string>,
  features: featureLabels,
  providers: {
    SELF_HOSTED: 'Self-hosted',
    VENDORED: 'GitLab AI vendor',
    DISABLED: 'Disabled',
    UNASSIGNED: 'Unassigned',
  } as Record<string, string>,
  or: 'or',
  states: { set: 'changed', kept: 'already correct', differs: 'different' },
};
type SettingWords = typeof settingWords;

/** What people read for a setting of GitLab, by its name in the results. */
export function settingLabel(setting: string, words: SettingWords = settingWords): string {
  const [, field = ''] = /^duoSettings[.](\w+)$/.exec(setting) ?? [];
  const [, feature = ''] = /^feature (\w+)$/.exec(setting) ?? [];
  if (Object.hasOwn(words.fields, field)) return words.fields[field] ?? setting;
  return Object.hasOwn(catalogueFeature, feature)
    ? words.features[catalogueFeature[feature as keyof typeof catalogueFeature]]
    : setting;
}

/** What people read for the value of a setting in the same results: GitLab's API names who serves a feature in capitals, and one of two may be wanted. */
export function settingValue(setting: string, value: string, words: SettingWords = settingWords): string {
  if (!setting.startsWith('feature ')) return value;
  return value
    .split(/ or (?=[A-Z_]+$)/)
    .map((one) => one.replace(/^[A-Z_]+\b/, (provider) => words.providers[provider] ?? provider))
    .join(` ${words.or} `);
}
