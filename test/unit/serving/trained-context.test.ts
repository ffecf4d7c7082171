import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeTinyModel } from '../../../src/main/core/rehearse/tiny-model.ts';
import { trainedContextFindings } from '../../../src/main/core/serving/llamacpp/trained-context.ts';
import type { ModelSite } from '../../../src/shared/model-sites.ts';
import type { SiteFile } from '../../../src/shared/site-file.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trained-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function found(trained: number, contextTokens: number, features: SiteFile['features'] = ['CODE_COMPLETIONS']) {
  const { path } = await writeTinyModel(join(folder, `${trained}.gguf`), { contextTokens: trained });
  const model = { engine: 'llamacpp', name: 'tiny', servedName: 'tiny', contextTokens };
  return trainedContextFindings({ model, features } as ModelSite, path);
}

it('reports a context that the model was not trained for', async () => {
  expect(await found(8192, 8193)).toMatchObject([
    { id: 'site.context-too-long', severity: 'amber', title: expect.stringContaining('has 8192') },
  ]);
  expect(await found(8192, 8192)).toEqual([]);
});

it('refuses agents that the context of the model leaves no room for, whatever the site file says', async () => {
  const agents: SiteFile['features'] = ['DUO_AGENT_PLATFORM'];
  await expect(found(8192, 65_536, agents)).rejects.toMatchObject({ code: 'site.agents-unfit' });
  const ids = (await found(32_768, 65_536, agents)).map((one) => one.id);
  expect(ids).toEqual(['site.context-too-long', 'site.agents-short-context']);
});
