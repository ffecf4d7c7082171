import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { featureProvider } from '../../../src/main/core/gitlab/graphql-documents.ts';
import { settingLabel, settingValue, settingWords } from '../../../src/shared/setting-label.ts';

it('names every setting of the catalogue in words, and leaves what is words already', async () => {
  const { duoSettings } = parse(await readFile('resources/catalog/eras.yaml', 'utf8')) as {
    duoSettings: { field: string }[];
  };
  expect(duoSettings.length).toBeGreaterThan(0);
  for (const { field } of duoSettings)
    expect(settingLabel(`duoSettings.${field}`)).toMatch(/^[A-Z][A-Za-z]* [A-Za-z ]+$/);
  expect(settingLabel('feature DUO_CHAT')).toBe('Chat');
  expect(settingLabel('model plant: family')).toBe('model plant: family');
  expect(settingLabel('feature constructor')).toBe('feature constructor');
});

it.each([
  ['feature DUO_CHAT', 'UNASSIGNED', 'Unassigned'],
  ['feature DUO_CHAT', 'SELF_HOSTED plant', 'Self-hosted plant'],
  ['feature DUO_CHAT', 'SELF_HOSTED or DISABLED', 'Self-hosted or Disabled'],
  ['feature DUO_CHAT', 'SOMETHING_NEW', 'SOMETHING_NEW'],
  ['duoSettings.selfHostedDuoAgentPlatformServiceSecure', 'false', 'off'],
  ['duoSettings.aiGatewayUrl', 'http://10.0.0.1:5052', 'http://10.0.0.1:5052'],
  ['model plant: family', 'SOMETHING_NEW', 'SOMETHING_NEW'],
  ['model plant: endpoint', 'GENERAL', 'GENERAL'],
])('the value of %s is shown in words: %s', (setting, value, words) => {
  expect(settingValue(setting, value)).toBe(words);
});

it('has words for every family of the catalogue', async () => {
  const { families } = parse(await readFile('resources/catalog/eras.yaml', 'utf8')) as { families: { id: string }[] };
  expect(families.length).toBeGreaterThan(0);
  const wordless = families.filter(({ id }) => settingValue('model m: family', id) === id);
  expect(wordless.map(({ id }) => id)).toEqual(['GPT']);
});

it('has words for every provider that GitLab may name', () => {
  expect(Object.keys(settingWords.providers).sort()).toEqual([...featureProvider.options].sort());
});
