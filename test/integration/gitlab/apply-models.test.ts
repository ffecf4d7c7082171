import { readFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { applySettings } from '../../../src/main/core/gitlab/apply-settings.ts';
import { undoSettings } from '../../../src/main/core/gitlab/undo-settings.ts';
import { readSiteFile } from '../../../src/main/core/sites/read-site-file.ts';
import { siteEndpoints } from '../../../src/main/core/sites/site-endpoints.ts';
import { modelSites } from '../../../src/shared/model-sites.ts';
import { probeStage } from '../../scenes/probe-stage.ts';
import { applyParts, openStage, type SiteStage } from '../../scenes/site-stage.ts';
import { withTwoModels } from '../../scenes/two-models.ts';

let stage: SiteStage;
afterEach(() => stage.close());

/** A site with two models, of which the front knows only `tiny`. */
async function openTwo() {
  stage = await openStage({
    change: (site) => {
      withTwoModels(site);
      for (const one of site.models ?? []) if (one.servedName === 'coder') one.servedName = 'tiny';
    },
  });
  return (await readSiteFile(stage.siteFilePath)).site;
}

/** What GitLab holds, without what only grows. */
async function held() {
  const state = JSON.parse(await readFile(`${stage.home}/sites/rehearsal/stand-ins/gitlab.json`, 'utf8'));
  return { duoSettings: state.duoSettings, models: state.models, features: state.features };
}

it('sets up each model of a list for its features, and changes nothing the second time', async () => {
  const site = await openTwo();
  const first = await applySettings({ ...(await applyParts(stage)), site });
  expect(first.applied.every((one) => one.state === 'set' && one.after === one.wanted)).toBe(true);
  const features = first.applied.filter((one) => one.setting.startsWith('feature '));
  expect(features.map((one) => [one.setting, one.after])).toEqual([
    ['feature CODE_COMPLETIONS', 'SELF_HOSTED rehearsal-tiny'],
    ['feature CODE_GENERATIONS', 'SELF_HOSTED rehearsal-tiny'],
    ['feature DUO_CHAT', 'SELF_HOSTED rehearsal-talker'],
  ]);
  const steps = first.steps?.filter((one) => /-(tiny|talker)$/.test(one.id));
  expect(steps?.map((one) => [one.id, one.state])).toEqual([
    ['model-graphql-tiny', 'done'],
    ['model-graphql-talker', 'done'],
    ['features-graphql-tiny', 'done'],
    ['features-graphql-talker', 'done'],
  ]);
  const second = await applySettings({ ...(await applyParts(stage)), site });
  expect(second.applied.every((one) => one.state === 'kept')).toBe(true);
});

it('sets up a model of a platform on the internet without the key of the front, keeps it, and takes it back', async () => {
  const site = await openTwo();
  const before = await held();
  const { endpointKey: _none, endpoint: _own, ...talker } = site.models?.[1] ?? {};
  const cloud = {
    ...talker,
    engine: 'cloud',
    servedName: 'far',
    identifier: 'bedrock/eu.far-v1:0',
    family: 'CLAUDE_3',
  };
  const hybrid = { ...site, airGapped: false, models: [site.models?.[0], cloud] } as typeof site;
  const first = await applySettings({ ...(await applyParts(stage)), site: hybrid });
  const ofCloud = first.applied.filter((one) => one.setting.startsWith('model rehearsal-far'));
  expect(ofCloud.map((one) => [one.setting, one.after])).toEqual([
    ['model rehearsal-far: family', 'CLAUDE_3'],
    ['model rehearsal-far: endpoint', 'http://bedrockselfhostedmodel.com'],
    ['model rehearsal-far: identifier', 'bedrock/eu.far-v1:0'],
    ['model rehearsal-far: API token', 'none'],
  ]);
  expect(first.applied.every((one) => one.after === one.wanted)).toBe(true);
  const parts = await applyParts(stage);
  const [made] = (await parts.client.models()).filter((one) => one.name === 'rehearsal-far');
  if (!made) throw new Error('apply made the model');
  // As if it had been a model behind the front before.
  const { name, model, endpoint } = made;
  await parts.client.updateModel(made.id, { name, model: model.toUpperCase(), endpoint, apiToken: 'key-of-the-front' });
  expect((await applySettings({ ...parts, site: hybrid })).applied.every((one) => one.after === one.wanted)).toBe(true);
  const stored = (await parts.client.models()).find((one) => one.name === 'rehearsal-far');
  expect(stored?.hasApiToken).toBe(false);
  const second = await applySettings({ ...parts, site: hybrid });
  expect(second.applied.every((one) => one.state === 'kept')).toBe(true);
  const undo = async () => undoSettings({ ...parts, site: hybrid, plan: false, beforeFirst: async () => undefined });
  await undo();
  expect(await held()).toEqual(before);
  // A model of the name that was there before comes back with its address; its key is for a person to enter.
  const own = { model: 'MISTRAL' as const, endpoint: 'http://10.0.0.9:8000/v1', identifier: 'custom_openai/own' };
  await parts.client.createModel({ ...own, name: 'rehearsal-far', apiToken: 'key-of-somebody' });
  const byHand = await parts.client.models();
  await applySettings({ ...parts, site: hybrid });
  const { rows } = await undo();
  expect(await parts.client.models()).toEqual(byHand.map((one) => ({ ...one, apiToken: null, hasApiToken: false })));
  const key = { setting: 'model rehearsal-far: API token', state: 'by-hand' };
  expect(rows).toContainEqual(expect.objectContaining(key));
});

it('says which models of before GitLab still asks the site for', async () => {
  const site = await openTwo();
  await applySettings({ ...(await applyParts(stage)), site });
  const [first] = site.models ?? [];
  if (!first) throw new Error('the site has models');
  const less = { ...site, models: [first], features: first.features };
  const applied = await applySettings({ ...(await applyParts(stage)), site: less });
  expect(applied.applied.every((one) => one.state === 'kept')).toBe(true);
  expect(applied.notes.map((one) => one.text)).toContainEqual(
    expect.stringContaining('no longer serves: rehearsal-talker (for DUO_CHAT)'),
  );
  expect(applied.steps?.find((one) => one.id === 'disable-rest')).toMatchObject({
    state: 'open',
    differing: expect.arrayContaining([
      { setting: 'feature DUO_CHAT', now: expect.stringContaining('rehearsal-talker'), wanted: expect.anything() },
    ]),
  });
});

it('asks every model of a list before a probe stops at one that fails', async () => {
  const site = await openTwo();
  const [of] = modelSites(site);
  if (!of) throw new Error('the site has models');
  const probed = await probeStage(stage, { site, of, endpoints: siteEndpoints(site) });
  expect(probed.hops.slice(0, 3).map((one) => [one.hop, one.model, one.ok, one.skipped])).toEqual([
    ['model-tiny', 'tiny', true, false],
    ['model-talker', 'talker', false, false],
    ['gateway-health', undefined, false, true],
  ]);
  expect(probed.firstRed).toBe('model-talker');
  expect(probed.causes.map((one) => one.id)).toContain('D2');
});
