import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-model-catalog.ts';
import { refuseUnfit } from '../../../src/main/core/catalog/refuse-unfit.ts';
import { type SiteFile, siteFile } from '../../../src/shared/site-file.ts';

const catalog = await loadModelCatalog(resolve('resources'));
const site = (version: string, name: string, features: SiteFile['features'], model: object = {}) =>
  siteFile.parse({
    sealift: 1,
    name: 'plant',
    gitlab: { url: 'https://gitlab.example', version },
    gateway: { kind: 'existing', host: '10.0.0.5' },
    model: { engine: 'external', name, servedName: 'm', endpoint: 'http://10.0.0.6:8001/v1', ...model },
    features,
  });

it.each<[string, string, SiteFile['features'], RegExp]>([
  [
    '17.3',
    'mistral-7b',
    ['CODE_COMPLETIONS'],
    /17\.3 .*CODE_COMPLETIONS.* Mistral 7B: Code completion No, Code generation Yes/,
  ],
  ['17.3.2', 'mistral-7b-v0.1', ['CODE_COMPLETIONS', 'CODE_GENERATIONS'], /for CODE_COMPLETIONS\. /],
  ['17.3', 'mixtral-8x22b', ['CODE_COMPLETIONS'], /Mixtral 8x22B/],
  ['17.3', 'codegemma_2b', ['CODE_GENERATIONS'], /CodeGemma 2b: Code completion Yes, Code generation No/],
  ['17.3', 'codegemma-2b', ['CODE_COMPLETIONS', 'DUO_CHAT'], /for DUO_CHAT\. /],
  ['17.6', 'mistral-7b', ['DUO_CHAT'], /Mistral 7B: Code completion Yes, Code generation No, Chat No/],
  ['17.8', 'codestral-22b-v0.1', ['DUO_CHAT'], /Codestral/],
])('refuses in GitLab %s: %s for %j', (version, name, features, message) => {
  expect(() => refuseUnfit(catalog, site(version, name, features))).toThrow(
    expect.objectContaining({ code: 'gitlab.unfit-model', message: expect.stringMatching(message) }),
  );
});

it.each<[string, string, SiteFile['features']]>([
  ['17.3', 'mistral-7b', ['CODE_GENERATIONS', 'DUO_CHAT']],
  ['17.1', 'mistral-7b-v0.1', ['CODE_COMPLETIONS']],
  ['17.3', 'my-own-model', ['CODE_COMPLETIONS']],
  ['17.6', 'mistral-7b', ['CODE_COMPLETIONS']],
  // Limited functionality is GitLab's word for what works in part.
  ['18.9', 'mistral-small-3.2-24b', ['DUO_AGENT_PLATFORM']],
  ['30.1', 'mistral-7b', ['CODE_COMPLETIONS']],
])('accepts in GitLab %s: %s for %j', (version, name, features) => {
  expect(() => refuseUnfit(catalog, site(version, name, features))).not.toThrow();
});

it.each<[string, string, object, SiteFile['features'], RegExp]>([
  ['a served name', '17.3', { servedName: 'mistral-7b-v0.1' }, ['CODE_COMPLETIONS'], /Mistral 7B: /],
  ['a quantised name', '17.3', { servedName: 'mixtral-8x22b-awq' }, ['CODE_COMPLETIONS'], /Mixtral 8x22B: /],
  ['its family, as GitLab knew models below 17.5', '17.3', { family: 'MISTRAL' }, ['CODE_COMPLETIONS'], /Mistral 7B: /],
  [
    'a family of several models, none of which is fit',
    '17.3',
    { family: 'MIXTRAL' },
    ['CODE_COMPLETIONS'],
    /Mixtral 8x7B: .* Mixtral 8x22B: /,
  ],
])('knows a model by %s', (_, version, model, features, message) => {
  expect(() => refuseUnfit(catalog, site(version, 'ours', features, model))).toThrow(
    expect.objectContaining({ code: 'gitlab.unfit-model', message: expect.stringMatching(message) }),
  );
});

it.each<[string, string, object, SiteFile['features']]>([
  ['a family with a fit model', '17.3', { family: 'CODEGEMMA' }, ['CODE_COMPLETIONS']],
  ['a family of a version with identifiers', '17.8', { family: 'CODESTRAL' }, ['DUO_CHAT']],
])('accepts %s', (_, version, model, features) => {
  expect(() => refuseUnfit(catalog, site(version, 'ours', features, model))).not.toThrow();
});
