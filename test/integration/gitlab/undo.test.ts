import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { parseGitlabVersion } from '../../../src/main/core/catalog/gitlab-version.ts';
import { applySettings, duoFields } from '../../../src/main/core/gitlab/apply-settings.ts';
import { GitlabClient } from '../../../src/main/core/gitlab/gitlab-client.ts';
import { undoSettings } from '../../../src/main/core/gitlab/undo-settings.ts';
import { applyParts, openStage, type SiteStage } from '../../scenes/site-stage.ts';

let stage: SiteStage;
const servers: Server[] = [];
afterEach(async () => {
  for (const one of servers.splice(0)) one.close();
  await stage.close();
});

const name = 'rehearsal-tiny-model';
const elsewhere = 'http://10.0.0.9:8000/v1';
const oldKey = 'a-key-of-somebody-else-0123';

/** What GitLab holds, without what only grows. */
async function held() {
  const state = JSON.parse(await readFile(`${stage.home}/sites/rehearsal/stand-ins/gitlab.json`, 'utf8'));
  return { duoSettings: state.duoSettings, models: state.models, features: state.features };
}

async function apply(change: Partial<Awaited<ReturnType<typeof applyParts>>> = {}) {
  return applySettings({ ...(await applyParts(stage)), ...change });
}

async function undo(change: Partial<Parameters<typeof undoSettings>[0]> = {}) {
  const result = await undoSettings({
    ...(await applyParts(stage)),
    plan: false,
    beforeFirst: async () => undefined,
    ...change,
  });
  return { ...result, states: result.rows.map((one) => `${one.setting} ${one.state}`) };
}

/** A GitLab that was set up by hand: another gateway, a model of the site's name elsewhere, and its features used. */
async function setUpByHand() {
  const { client } = await applyParts(stage);
  await setGateway('http://10.0.0.9:5052');
  const model = { model: 'MISTRAL' as const, endpoint: elsewhere, identifier: 'custom_openai/old', apiToken: oldKey };
  await client.createModel({ ...model, name });
  await client.createModel({ ...model, name: 'other' });
  const other = (await client.models()).find((one) => one.name === 'other')?.id ?? '';
  await client.assign(['CODE_COMPLETIONS'], other);
  await client.setProvider(['CODE_GENERATIONS'], 'VENDORED');
}

async function setGateway(aiGatewayUrl: string) {
  const { client, catalog } = await applyParts(stage);
  await client.updateDuoSettings(duoFields(catalog, parseGitlabVersion(await client.version())), { aiGatewayUrl });
}

/** Passes everything on, but breaks the connection at, or answers in GitLab's place, a request for an operation. */
async function between(answer: (operation: string) => 'pass' | 'cut-before' | 'cut-after' | { message: string }) {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const does = answer(JSON.parse(body).operationName);
    response.setHeader('content-type', 'application/json');
    if (typeof does === 'object') return response.end(JSON.stringify({ errors: [does] }));
    if (does === 'cut-before') return response.destroy();
    const headers = { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' };
    const passed = await fetch(`${stage.gitlab.url}${request.url}`, { method: 'POST', headers, body });
    const answered = await passed.text();
    return does === 'cut-after' ? response.destroy() : response.end(answered);
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return new GitlabClient({ url: `http://127.0.0.1:${port}`, token: stage.adminToken });
}

async function open(gitlab: string) {
  stage = await openStage({
    version: `${gitlab}.0`,
    change: (site) => Object.assign(site.gitlab, { version: gitlab }),
  });
}

describe('gitlab undo', () => {
  it.each(['18.4', '18.6', '18.7', '18.8', '18.9', '18.11', '19.0', '19.2'])(
    'puts an untouched GitLab %s back as it was, and has nothing left the second time',
    async (gitlab) => {
      await open(gitlab);
      const before = await held();
      await apply();
      await apply();
      const applied = await held();
      const planned = await undo({ plan: true });
      expect(planned.planned).toBe(true);
      expect(new Set(planned.rows.map((one) => one.state))).toEqual(new Set(['open']));
      expect(planned.states).toContain(`model ${name} open`);
      expect(await held()).toEqual(applied);
      const first = await undo();
      expect(first.rows.map((one) => one.setting)).toEqual(planned.rows.map((one) => one.setting));
      expect(new Set(first.rows.map((one) => one.state))).toEqual(new Set(['put-back']));
      expect(await held()).toEqual(before);
      expect((await undo()).rows).toEqual([]);
    },
  );

  it.each(['18.4', '18.7', '18.9', '19.2'])(
    'puts back what GitLab %s had, except the key, which it says in plan and result',
    async (gitlab) => {
      await open(gitlab);
      await setUpByHand();
      const before = await held();
      const { notes } = await apply();
      expect(notes.map((one) => one.text)).toContainEqual(
        expect.stringContaining(`The key that the model ${name} had is replaced.`),
      );
      const key = { setting: `model ${name}: API token`, state: 'by-hand' };
      expect((await undo({ plan: true })).rows).toContainEqual(expect.objectContaining(key));
      const { rows } = await undo();
      expect(rows).toContainEqual(expect.objectContaining(key));
      expect(rows.filter((one) => !['put-back', 'by-hand'].includes(one.state))).toEqual([]);
      // The model is at another server again, which must not get the site's key.
      const models = before.models.map((one: { name: string }) =>
        one.name === name ? { ...one, apiToken: null } : one,
      );
      expect(await held()).toEqual({ ...before, models });
      expect((await undo()).rows).toEqual([]);
    },
  );

  it('keeps the oldest state over several applies, and no secrets', async () => {
    await open('18.9');
    const before = await held();
    await apply();
    const { site, recordFile } = await applyParts(stage);
    const moved = { ...site, model: { ...site.model, servedName: 'renamed' } };
    const rotated = 'rotated-key-0123456789';
    await apply({ site: moved, apiToken: rotated });
    const record = await readFile(recordFile, 'utf8');
    for (const secret of [stage.apiKey, rotated, stage.adminToken]) expect(record).not.toContain(secret);
    expect((await stat(recordFile)).mode & 0o777).toBe(0o600);
    await undo();
    expect(await held()).toEqual(before);
  });

  it('leaves and names what somebody changed since, and puts the rest back', async () => {
    await open('18.9');
    await setUpByHand();
    const before = await held();
    await apply();
    const { client } = await applyParts(stage);
    await setGateway('http://10.0.0.77:5052');
    await client.setProvider(['CODE_GENERATIONS'], 'DISABLED');
    const expected = ['duoSettings.aiGatewayUrl left', 'feature CODE_GENERATIONS left'];
    const planned = await undo({ plan: true });
    expect(planned.states.filter((one) => one.endsWith('left'))).toEqual(expected);
    const done = await undo();
    expect(done.states.filter((one) => one.endsWith('left'))).toEqual(expected);
    expect(done.rows.find((one) => one.state === 'left')).toMatchObject({
      before: 'http://10.0.0.9:5052',
      now: 'http://10.0.0.77:5052',
      why: 'it was changed since apply',
      byHand: expect.stringContaining('was http://10.0.0.9:5052'),
    });
    const after = await held();
    expect(after.duoSettings).toEqual({ ...before.duoSettings, aiGatewayUrl: 'http://10.0.0.77:5052' });
    expect(after.features).toMatchObject({
      CODE_GENERATIONS: { provider: 'disabled' },
      CODE_COMPLETIONS: before.features.CODE_COMPLETIONS,
    });
    expect((await undo()).states).toEqual(expected);
  });

  it.each([
    ['its endpoint', { endpoint: elsewhere }],
    ['its key', { apiToken: oldKey }],
  ])('keeps a model that apply created when somebody changed %s', async (_, change) => {
    await open('18.9');
    await apply();
    const { client } = await applyParts(stage);
    const [model] = await client.models();
    if (!model) throw new Error('apply created a model');
    const values = { name, model: 'GENERAL' as const, endpoint: model.endpoint, ...change };
    await client.updateModel(model.id, { ...values, model: model.model.toUpperCase() });
    const { rows } = await undo();
    expect(rows.find((one) => one.setting === `model ${name}`)).toMatchObject({
      state: 'left',
      why: 'it was changed since apply',
    });
    // Only deleting the model would free its features.
    expect(rows.find((one) => one.setting === 'feature CODE_COMPLETIONS')).toMatchObject({
      state: 'left',
      why: "GitLab's API cannot set UNASSIGNED",
    });
    expect((await client.models()).map((one) => one.id)).toEqual([model.id]);
  });

  it.each([
    ['19.2', 'put-back', 'unassigned'],
    ['18.9', 'left', 'self_hosted'],
  ])('frees a feature of a model that stays where the schema of GitLab %s can', async (gitlab, state, provider) => {
    await open(gitlab);
    const { client } = await applyParts(stage);
    await client.createModel({ name, model: 'GENERAL', endpoint: elsewhere });
    await apply();
    await undo();
    expect((await client.features()).find((one) => one.feature === 'code_completions')).toMatchObject({ provider });
    const { rows } = await undo({ plan: true });
    expect(rows.map((one) => one.state)).toEqual(state === 'left' ? expect.arrayContaining([state]) : []);
  });

  it('frees nothing where GitLab refuses questions about its schema', async () => {
    await open('19.2');
    const { client } = await applyParts(stage);
    await client.createModel({ name, model: 'GENERAL', endpoint: elsewhere });
    await apply();
    const silent = await between((asked) =>
      asked === 'sealiftProviders' ? { message: 'introspection is off' } : 'pass',
    );
    expect(
      (await undo({ client: silent })).rows.find((one) => one.setting === 'feature CODE_COMPLETIONS'),
    ).toMatchObject({
      state: 'left',
      why: "GitLab's API cannot set UNASSIGNED",
    });
  });

  it('keeps a model that another feature uses, until it no longer does', async () => {
    await open('18.9');
    const before = await held();
    await apply();
    const { client } = await applyParts(stage);
    const id = (await client.models())[0]?.id ?? '';
    await client.assign(['DUO_CHAT'], id);
    const kept = await undo();
    expect(kept.rows.find((one) => one.setting === `model ${name}`)).toMatchObject({
      state: 'left',
      why: 'feature DUO_CHAT uses it',
    });
    expect(await client.models()).toHaveLength(1);
    await client.setProvider(['DUO_CHAT'], 'DISABLED');
    expect((await undo()).rows.every((one) => one.state === 'put-back')).toBe(true);
    expect(await held()).toEqual({ ...before, features: { DUO_CHAT: { provider: 'disabled', modelId: null } } });
  });

  const mutations = ['sealiftDuoSettingsUpdate', 'sealiftModelCreate', 'sealiftFeatureUpdate'];
  it.each(mutations.flatMap((one) => [[one, 'cut-before'] as const, [one, 'cut-after'] as const]))(
    'puts everything back after an apply that broke off at %s (%s)',
    async (operation, cut) => {
      await open('18.9');
      const before = await held();
      const broken = await between((asked) => (asked === operation ? cut : 'pass'));
      await expect(apply({ client: broken })).rejects.toMatchObject({ code: 'gitlab.unreachable' });
      expect((await undo()).rows.every((one) => ['put-back', 'as-before'].includes(one.state))).toBe(true);
      expect(await held()).toEqual(before);
      expect((await undo()).rows).toEqual([]);
    },
  );

  it.each(mutations.flatMap((one) => [[one, 'cut-before'] as const, [one, 'cut-after'] as const]))(
    'puts everything back when an apply that broke off at %s (%s) was done again',
    async (operation, cut) => {
      await open('18.9');
      const before = await held();
      const broken = await between((asked) => (asked === operation ? cut : 'pass'));
      await apply({ client: broken }).catch(() => undefined);
      await apply();
      await undo();
      expect(await held()).toEqual(before);
    },
  );

  it.each(['sealiftFeatureUpdate', 'sealiftModelUpdate', 'sealiftDuoSettingsUpdate'])(
    'goes on after an undo that broke off at %s',
    async (operation) => {
      await open('18.9');
      await setUpByHand();
      const before = await held();
      await apply();
      for (const cut of ['cut-before', 'cut-after'] as const) {
        const broken = await between((asked) => (asked === operation ? cut : 'pass'));
        await expect(undo({ client: broken })).rejects.toMatchObject({ code: 'gitlab.unreachable' });
      }
      await undo();
      const { duoSettings, features } = await held();
      expect({ duoSettings, features }).toEqual({ duoSettings: before.duoSettings, features: before.features });
      expect((await undo()).rows).toEqual([]);
    },
  );

  it('goes on after an undo that broke off while it deleted the model', async () => {
    await open('18.9');
    const before = await held();
    await apply();
    const broken = await between((asked) => (asked === 'sealiftModelDelete' ? 'cut-after' : 'pass'));
    await expect(undo({ client: broken })).rejects.toMatchObject({ code: 'gitlab.unreachable' });
    await undo();
    expect(await held()).toEqual(before);
  });

  it.each([
    ['sealiftFeatureUpdate', 'feature CODE_COMPLETIONS'],
    ['sealiftModelUpdate', `model ${name}`],
    ['sealiftDuoSettingsUpdate', 'duoSettings.aiGatewayUrl'],
  ])('names what GitLab refuses at %s, puts back the rest, and the refused later', async (operation, setting) => {
    await open('18.9');
    await setUpByHand();
    await apply();
    const message = `Field '${operation}' doesn't exist on type 'Mutation'`;
    const refusing = await between((asked) => (asked === operation ? { message } : 'pass'));
    const { rows } = await undo({ client: refusing });
    expect(rows.find((one) => one.setting === setting)).toMatchObject({
      state: 'left',
      why: expect.stringContaining(message),
      byHand: expect.stringMatching(/^Admin > GitLab Duo > /),
    });
    expect(rows.filter((one) => one.state === 'put-back').length).toBeGreaterThan(0);
    expect((await undo()).rows.filter((one) => one.state === 'left')).toEqual([]);
  });

  it('does not delete a model whose feature GitLab refuses to put back', async () => {
    await open('18.9');
    const { client } = await applyParts(stage);
    await client.setProvider(['CODE_COMPLETIONS'], 'VENDORED');
    await apply();
    const refusing = await between((asked) => (asked === 'sealiftFeatureUpdate' ? { message: 'no' } : 'pass'));
    expect((await undo({ client: refusing })).rows.find((one) => one.setting === `model ${name}`)).toMatchObject({
      state: 'left',
      why: 'feature CODE_COMPLETIONS uses it',
    });
    expect(await client.models()).toHaveLength(1);
  });

  it('lists the steps for a person where GitLab has no API for it', async () => {
    await open('18.9');
    await setUpByHand();
    await apply();
    const lines = [
      'Admin > GitLab Duo > Change configuration: the setting aiGatewayUrl was http://10.0.0.9:5052.',
      'Admin > GitLab Duo > Configure models for GitLab Duo: CODE_COMPLETIONS was SELF_HOSTED other.',
    ];
    const remedies = [{ kind: 'steps', steps: expect.arrayContaining(lines) }];
    const refused = { code: 'gitlab.undo-by-hand', wire: { remedies } };
    const message = "Field 'duoSettings' doesn't exist on type 'Query'";
    const other = await between((asked) => (asked === 'sealiftDuoSettings' ? { message } : 'pass'));
    await expect(undo({ client: other })).rejects.toMatchObject(refused);
    const older = await openStage({ version: '17.9.0' });
    const client = new GitlabClient({ url: older.gitlab.url, token: older.adminToken });
    await expect(undo({ client }).finally(() => older.close())).rejects.toMatchObject(refused);
  });

  it('keeps what it changed in one GitLab apart from another', async () => {
    await open('18.9');
    await apply();
    const { site, client } = await applyParts(stage);
    const other = { ...site, gitlab: { ...site.gitlab, url: 'http://10.0.0.5' } };
    expect((await undo({ site: other, client })).rows).toEqual([]);
    expect((await undo({ plan: true })).rows.length).toBeGreaterThan(0);
  });

  it('refuses a damaged record before it changes anything', async () => {
    await open('18.9');
    await apply();
    const applied = await held();
    const { recordFile } = await applyParts(stage);
    await writeFile(recordFile, '{"version":1');
    await expect(undo()).rejects.toMatchObject({ code: 'gitlab.record-broken' });
    await expect(apply({ apiToken: 'rotated-key-0123456789' })).rejects.toMatchObject({ code: 'gitlab.record-broken' });
    expect(await held()).toEqual(applied);
  });
});
