import { describe, expect, it } from 'vitest';
import { judgeMemory } from '../../../src/main/core/site/deploy/memory-findings.ts';
import { fieldChanges } from '../../../src/main/core/site/status/deployment-findings.ts';
import { parseSiteFile, readSiteFile } from '../../../src/main/core/sites/read-site-file.ts';
import { modelNames, siteEndpoints } from '../../../src/main/core/sites/site-endpoints.ts';
import type { AppError } from '../../../src/shared/errors/app-error.ts';
import { modelSites } from '../../../src/shared/model-sites.ts';
import { goodSite } from '../../scenes/hostile-site-files.ts';

const rest = goodSite
  .split('\n')
  .filter((line) => !/^(model|features)/.test(line))
  .join('\n');
const coder = '{engine: llamacpp, name: tiny, servedName: coder, features: [CODE_COMPLETIONS]}';
const talker =
  '{engine: external, name: other, servedName: talker, endpoint: "http://10.0.0.9:8001/v1", features: [DUO_CHAT]}';

/** A model of the list served by vLLM instead. */
function inVllm(model: string, fields: string): string {
  return model
    .replace(/engine: \w+/, `engine: vllm, image: "registry.example/vllm:1", ${fields}`)
    .replace(/endpoint: "[^"]+", /, '');
}

function problemsOf(text: string): { field: string; problem: string }[] {
  try {
    parseSiteFile(text, 'site.yaml');
  } catch (error) {
    return (error as AppError).wire.details.problems as { field: string; problem: string }[];
  }
  return [];
}

describe('a list of models', () => {
  it('is seen by each model as a site of its own', () => {
    const site = parseSiteFile(`${rest}models: [${coder}, ${talker}]\n`, 'x');
    expect(site.features).toEqual(['CODE_COMPLETIONS', 'DUO_CHAT']);
    expect(modelSites(site).map((one) => [one.part, one.model.name, one.features])).toEqual([
      ['model-coder', 'tiny', ['CODE_COMPLETIONS']],
      ['model-talker', 'other', ['DUO_CHAT']],
    ]);
    expect(modelSites(site).map(modelNames)).toEqual([
      { modelName: 'plant-coder', identifier: 'custom_openai/coder' },
      { modelName: 'plant-talker', identifier: 'custom_openai/talker' },
    ]);
    // The embedded engine is the slowest of them.
    expect(siteEndpoints(site).timeoutSeconds).toBe(300);
  });

  it('leaves a site file with model as it is', () => {
    const site = parseSiteFile(goodSite, 'x');
    expect(modelSites(site)).toEqual([site]);
  });

  it.each([
    ['next to model', `${goodSite}models: [${coder}]\n`, 'models', 'either model or models'],
    ['missing, as is model', rest, 'model', 'required'],
    ['empty', `${rest}models: []\n`, 'models', 'at least 1'],
    ['with features of the site', `${rest}features: [DUO_CHAT]\nmodels: [${coder}]\n`, 'features', 'remove it'],
    [
      'with a name twice',
      `${rest}models: [${coder}, ${talker.replace('talker', 'coder')}]\n`,
      'models.1.servedName',
      'models.0',
    ],
    [
      'with a feature twice',
      `${rest}models: [${coder}, ${talker.replace('DUO_CHAT', 'CODE_COMPLETIONS')}]\n`,
      'models.1.features.0',
      'already served by coder',
    ],
    [
      'without features',
      `${rest}models: [${coder.replace(', features: [CODE_COMPLETIONS]', '')}]\n`,
      'models.0.features',
      'a list',
    ],
    [
      'with a field that is wrong',
      `${rest}models: [${coder.replace('llamacpp', 'magic')}]\n`,
      'models.0.engine',
      'one of',
    ],
    [
      'with an unknown field',
      `${rest}models: [${coder.replace('{', '{colour: red, ')}]\n`,
      'models.0.colour',
      'servedName',
    ],
    [
      'with an endpoint too many',
      `${rest}models: [${coder.replace('{', '{endpoint: "http://a/v1", ')}]\n`,
      'models.0.endpoint',
      'only for engine external',
    ],
    [
      'with LiteLLM',
      `${rest}models: [${coder.replace('llamacpp', 'litellm-ollama')}]\n`,
      'models.0.engine',
      'only model of a site',
    ],
    [
      'with slots for a server that sets its own',
      `${rest}models: [${inVllm(coder, 'slots: 4')}]\n`,
      'models.0.slots',
      'only for engine llamacpp',
    ],
    [
      'with a GPU twice',
      `${rest}models: [${inVllm(coder, 'gpus: [0, 1]')}, ${inVllm(talker, 'gpus: [2, 1]')}]\n`,
      'models.1.gpus.1',
      'GPU 1 is already taken by models.0',
    ],
    [
      'with a GPU twice in one model',
      `${rest}models: [${inVllm(coder, 'gpus: [3, 3]')}]\n`,
      'models.0.gpus.1',
      'name GPU 3 once',
    ],
    [
      'with fewer GPUs than its parallelism needs',
      `${rest}models: [${inVllm(coder, 'gpus: [0], vllm: {tensorParallel: 2}')}]\n`,
      'models.0.gpus',
      'name 2 GPUs',
    ],
    [
      'with GPUs that it does not use',
      `${rest}models: [${inVllm(coder, 'gpu: none, gpus: [0]')}]\n`,
      'models.0.gpus',
      'left out with gpu none',
    ],
    [
      'with GPUs for the embedded engine',
      `${rest}models: [${coder.replace('{', '{gpus: [0], ')}]\n`,
      'models.0.gpus',
      'only for the engines',
    ],
    [
      'with two networks',
      `${rest}models: [${inVllm(coder, 'subnet: 10.1.0.0/28')}, ${inVllm(talker, 'subnet: 10.1.0.16/28')}]\n`,
      'models.1.subnet',
      'that of models.0',
    ],
    [
      'with a name that is too long',
      `${rest}models: [${coder.replace('coder', 'c'.repeat(58))}]\n`,
      'models.0.servedName',
      '57',
    ],
  ])('is refused: %s', (_about, text, field, words) => {
    expect(problemsOf(text)).toContainEqual(
      expect.objectContaining({ field, problem: expect.stringContaining(words) }),
    );
  });

  it.each(['17.3', '17.4.2'])(
    'is served under the names of the families for GitLab %s, which has no identifiers',
    (version) => {
      const early = rest.replace(/version: "[^"]+"/, `version: "${version}"`);
      const named = (model: string, servedName: string, family: string) =>
        model.replace(/servedName: \w+/, `servedName: ${servedName}, family: ${family}`);
      const list = (...models: string[]) => `${early}models: [${models.join(', ')}]\n`;
      expect(problemsOf(list(named(coder, 'codestral', 'CODESTRAL'), named(talker, 'mistral', 'MISTRAL')))).toEqual([]);
      expect(
        problemsOf(list(named(coder, 'mistral', 'CODESTRAL'), named(talker, 'codestral', 'MISTRAL'))),
      ).toMatchObject([
        { field: 'models.0.servedName', problem: expect.stringContaining('use codestral') },
        { field: 'models.1.servedName', problem: expect.stringContaining('use mistral') },
      ]);
      expect(problemsOf(list(named(coder, 'mistral', 'MISTRAL'), named(talker, 'other', 'MISTRAL')))).toMatchObject([
        { field: 'models.1.family', problem: expect.stringContaining('models.0') },
      ]);
      // Only one model: it answers under any name.
      expect(problemsOf(list(coder))).toEqual([]);
    },
  );

  it('differs from another in the fields of the models that changed', () => {
    const changes = (...models: string[]) =>
      fieldChanges(
        parseSiteFile(`${rest}models: [${coder}, ${talker}]\n`, 'x'),
        parseSiteFile(`${rest}models: [${models.join(', ')}]\n`, 'x'),
      );
    expect(changes(coder.replace('{', '{contextTokens: 512, '), talker)).toEqual([
      { field: 'models.coder.contextTokens', before: '4096', after: '512' },
    ]);
    expect(changes(talker, coder)).toEqual([
      { field: 'models', before: '["coder","talker"]', after: '["talker","coder"]' },
    ]);
    expect(changes(coder).map((one) => one.field)).toEqual(expect.arrayContaining(['models', 'models.talker.name']));
  });

  it('is shown by an example', async () => {
    const { site } = await readSiteFile('resources/examples/site-models.yaml');
    expect(site.models?.map((one) => one.engine)).toEqual(['llamacpp', 'external']);
  });
});

describe('the memory of a list of models', () => {
  const need = (servedName: string, totalBytes: number | null) => ({ servedName, totalBytes });

  it('is added up, and refused when it exceeds the machine', () => {
    expect(judgeMemory([need('a', 6e9), need('b', 4e9)], 10e9)).toMatchObject([{ severity: 'green' }]);
    expect(() => judgeMemory([need('a', 6e9), need('b', 4e9 + 1)], 10e9)).toThrow(
      expect.objectContaining({ code: 'site.models-too-large' }),
    );
  });

  it('is called unknown where that of one model is, and still refused when the others exceed the machine', () => {
    expect(judgeMemory([need('a', 6e9), need('b', null)], 10e9)).toMatchObject([
      { severity: 'amber', howWeKnow: expect.stringContaining('b unknown') },
    ]);
    expect(() => judgeMemory([need('a', 11e9), need('b', null)], 10e9)).toThrow();
  });

  it('is refused only for what is needed even if shared weights are held once, and green only if they fit twice', () => {
    const mapped = { sha256: 'aa', bytes: 5e9 };
    const two = [
      { ...need('a', 6e9), mapped },
      { ...need('b', 6e9), mapped },
    ];
    expect(judgeMemory(two, 12e9)).toMatchObject([{ severity: 'green' }]);
    expect(judgeMemory(two, 7e9)).toMatchObject([{ severity: 'amber', title: expect.stringContaining('between') }]);
    expect(() => judgeMemory(two, 6.9e9)).toThrow(expect.objectContaining({ code: 'site.models-too-large' }));
    expect(() => judgeMemory([{ ...need('a', 6e9), mapped }, need('b', 6e9)], 11e9)).toThrow();
  });
});
