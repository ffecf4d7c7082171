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
  switches: { true: 'on', false: 'off' } as Record<string, string>,
  or: 'or',
  states: { set: 'changed', kept: 'already correct', differs: 'different' },
};
type SettingWords = typeof settingWords;

/* Names of families of models, in GitLab's own spelling in every language. */
const families: Readonly<Record<string, string>> = {
  MISTRAL: 'Mistral',
  MIXTRAL: 'Mixtral',
  CODEGEMMA: 'CodeGemma',
  CODESTRAL: 'Codestral',
  CODELLAMA: 'Code Llama',
  DEEPSEEKCODER: 'DeepSeek Coder',
  LLAMA3: 'Llama 3',
  CODEGEMMA_2B: 'CodeGemma 2B',
  CODEGEMMA_7B: 'CodeGemma 7B',
  CODELLAMA_13B_CODE: 'Code Llama 13B Code',
  MIXTRAL_8X22B: 'Mixtral 8x22B',
  MISTRAL_TEXT: 'Mistral Text',
  MIXTRAL_TEXT: 'Mixtral Text',
  MIXTRAL_8X22B_TEXT: 'Mixtral 8x22B Text',
  CLAUDE_3: 'Claude 3',
  GPT: 'GPT',
  GENERAL: 'General',
  GEMINI: 'Gemini',
};

/** What people read for a setting of GitLab, by its name in the results. */
export function settingLabel(setting: string, words: SettingWords = settingWords): string {
  const [, field = ''] = /^duoSettings[.](\w+)$/.exec(setting) ?? [];
  const [, feature = ''] = /^feature (\w+)$/.exec(setting) ?? [];
  if (Object.hasOwn(words.fields, field)) return words.fields[field] ?? setting;
  return Object.hasOwn(catalogueFeature, feature)
    ? words.features[catalogueFeature[feature as keyof typeof catalogueFeature]]
    : setting;
}

/** What people read for the value of a setting in the same results. One of two providers may be wanted. */
export function settingValue(setting: string, value: string, words: SettingWords = settingWords): string {
  if (/^model .*: family$/.test(setting)) return families[value] ?? value;
  if (setting.startsWith('duoSettings.')) return words.switches[value] ?? value;
  if (!setting.startsWith('feature ')) return value;
  return value
    .split(/ or (?=[A-Z_]+$)/)
    .map((one) => one.replace(/^[A-Z_]+\b/, (provider) => words.providers[provider] ?? provider))
    .join(` ${words.or} `);
}
