import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { applySettings, checkSettings } from '../../../src/main/core/gitlab/apply-settings.ts';
import { GitlabClient } from '../../../src/main/core/gitlab/gitlab-client.ts';
import { refuseUnseen, stepStates } from '../../../src/main/core/gitlab/step-states.ts';
import { boundedRequest } from '../../../src/main/core/http/bounded-request.ts';
import { startSimulatedGitlab } from '../../../src/main/stand-ins/gitlab/simulated-gitlab.ts';
import { applyParts, openStage, type SiteStage } from '../../scenes/site-stage.ts';

let stage: SiteStage;
afterEach(() => stage.close());

describe('gitlab apply', () => {
  it('sets everything, reads it back, and changes nothing the second time', async () => {
    stage = await openStage();
    const first = await applySettings(await applyParts(stage));
    expect(first).toMatchObject({ simulated: true, gitlabVersion: '18.9.1', era: '18.9+' });
    expect(first.applied.map((one) => [one.setting, one.state])).toEqual([
      ['duoSettings.aiGatewayUrl', 'set'],
      ['duoSettings.duoAgentPlatformServiceUrl', 'set'],
      ['duoSettings.selfHostedDuoAgentPlatformServiceSecure', 'set'],
      ['duoSettings.aiGatewayTimeoutSeconds', 'set'],
      ['model rehearsal-tiny-model: family', 'set'],
      ['model rehearsal-tiny-model: endpoint', 'set'],
      ['model rehearsal-tiny-model: identifier', 'set'],
      ['model rehearsal-tiny-model: API token', 'set'],
      ['feature CODE_COMPLETIONS', 'set'],
      ['feature CODE_GENERATIONS', 'set'],
    ]);
    expect(first.applied.every((one) => one.after === one.wanted)).toBe(true);
    expect(first.applied.find((one) => one.setting.endsWith('ServiceUrl'))?.after).toMatch(/^127\.0\.0\.1:\d+$/);
    const second = await applySettings(await applyParts(stage));
    expect(second.applied.every((one) => one.state === 'kept')).toBe(true);
    expect(JSON.stringify([first, second])).not.toContain(stage.apiKey);
  });

  it('finds and fixes what someone changed, the key included', async () => {
    stage = await openStage();
    await applySettings(await applyParts(stage));
    const parts = { ...(await applyParts(stage)), apiToken: 'rotated-key-0123456789' };
    const red = (result: Awaited<ReturnType<typeof checkSettings>>) =>
      result.applied.filter((one) => one.state !== 'kept').map((one) => [one.setting, one.state]);
    expect(red(await checkSettings(parts))).toEqual([['model rehearsal-tiny-model: API token', 'differs']]);
    expect(red(await applySettings(parts))).toEqual([['model rehearsal-tiny-model: API token', 'set']]);
    expect(red(await checkSettings(parts))).toEqual([]);
  });

  it('says of each step that the settings show whether it is done', async () => {
    stage = await openStage();
    const states = async (change: Partial<Awaited<ReturnType<typeof applyParts>>> = {}) =>
      ((await checkSettings({ ...(await applyParts(stage)), ...change })).steps ?? []).map(
        ({ id, state }) => `${id} ${state}`,
      );
    const own = ['gateway-url-graphql', 'agent-platform-url', 'gateway-timeout', 'model-graphql', 'features-graphql'];
    expect(await states()).toEqual([...own, 'disable-rest'].map((id) => `${id} open`));
    const applied = await applySettings(await applyParts(stage));
    expect(
      applied.steps?.find(({ id }) => id === 'disable-rest')?.differing.map(({ setting, now }) => [setting, now]),
    ).toEqual([
      ['feature DUO_CHAT', 'UNASSIGNED'],
      ['feature DUO_AGENT_PLATFORM', 'UNASSIGNED'],
    ]);
    expect(await states()).toEqual([...own.map((id) => `${id} done`), 'disable-rest open']);
    expect((await states({ apiToken: 'rotated-key-0123456789' }))[3]).toBe('model-graphql open');
    const client = (await applyParts(stage)).client;
    await client.assign(['DUO_CHAT', 'DUO_AGENT_PLATFORM'], (await client.models())[0]?.id ?? '');
    expect((await states()).at(-1)).toBe('disable-rest done');
  });

  it('calls the rest disabled where GitLab lists no feature besides those of the site', async () => {
    stage = await openStage();
    const parts = await applyParts(stage);
    await applySettings(parts);
    const own = (await parts.client.features()).filter(({ feature }) =>
      parts.site.features.some((one) => one === feature.toUpperCase()),
    );
    expect(own).not.toEqual([]);
    const planned = { site: parts.site, catalog: parts.catalog };
    const rest = (features: typeof own) => stepStates(planned, [], features).find(({ id }) => id === 'disable-rest');
    expect(rest(own)).toMatchObject({ state: 'done', differing: [] });
    expect(rest([])).toMatchObject({ state: 'not-known' });
  });

  it('does not know a step whose settings this GitLab does not have', async () => {
    stage = await openStage({ version: '18.6.0', change: (site) => Object.assign(site.gitlab, { version: '18.7' }) });
    const { steps } = await checkSettings(await applyParts(stage));
    expect(steps?.find(({ id }) => id === 'gateway-timeout')).toMatchObject({ state: 'not-known', differing: [] });
  });

  it.each([
    ['that only a person can see', 'health-check', {}, 'gitlab.step-unseen'],
    ['that the probe checks', 'completion-check', {}, 'gitlab.step-unseen'],
    ['of a GitLab that must be set up by hand', 'disable-rest', { change: version('18.0') }, 'gitlab.step-unseen'],
    ['that is not in the plan', 'feature-flag-console', {}, 'gitlab.step-unknown'],
  ])('refuses to check a step %s, without asking GitLab', async (_, step, options, code) => {
    stage = await openStage(options);
    await stage.gitlab.stop();
    const parts = await applyParts(stage);
    expect(() => refuseUnseen(parts, step)).toThrow(expect.objectContaining({ code }));
  });

  it('finds its settings and its key again after a restart of the stand-in', async () => {
    stage = await openStage();
    await applySettings(await applyParts(stage));
    const jwks = () =>
      boundedRequest({ method: 'GET', url: `${stage.gitlab.url}/oauth/discovery/keys`, timeoutMs: 5000 });
    const before = await jwks();
    await stage.gitlab.stop();
    const stateFile = `${stage.home}/sites/rehearsal/stand-ins/gitlab.json`;
    const { host, port } = stage.gitlab;
    const options = { host, port, version: '18.9.1', stateFile, adminToken: stage.adminToken, log: () => undefined };
    stage.gitlab = await startSimulatedGitlab(options);
    expect(await jwks()).toMatchObject({ text: (before as { text: string }).text });
    expect((await checkSettings(await applyParts(stage))).applied.every((one) => one.state === 'kept')).toBe(true);
    expect((await stat(stateFile)).mode & 0o777).toBe(0o600);
  });

  it.each(['18.4', '18.5', '18.6', '18.8', '18.9', '18.11', '19.0', '19.2'])(
    'applies what GitLab %s has, reads it back and finds it again',
    async (gitlab) => {
      stage = await openStage({
        version: `${gitlab}.0`,
        change: (site) => Object.assign(site.gitlab, { version: gitlab }),
      });
      const states = ({ applied }: Awaited<ReturnType<typeof applySettings>>) =>
        new Set(applied.map((one) => one.state));
      expect([...states(await applySettings(await applyParts(stage)))]).toEqual(['set']);
      const checked = await checkSettings(await applyParts(stage));
      expect([...states(checked)]).toEqual(['kept']);
      expect(checked.steps?.filter((one) => one.state === 'not-known')).toEqual([]);
    },
  );

  it('sends a person to the steps where GitLab has another API than its version says', async () => {
    stage = await openStage();
    const lacks = "Field 'aiGatewayTimeoutSeconds' doesn't exist on type 'DuoSettings'";
    const { url } = stage.gitlab;
    // Passes everything on, but answers as a GitLab that lacks one field.
    const changed = createServer(async (request, response) => {
      const body = (await text(request)).toString();
      response.setHeader('content-type', 'application/json');
      if (body.includes('aiGatewayTimeoutSeconds'))
        return response.end(JSON.stringify({ errors: [{ message: lacks }] }));
      const headers = { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' };
      const answer = await fetch(`${url}${request.url}`, {
        method: request.method ?? 'GET',
        headers,
        ...(body && { body }),
      });
      response.statusCode = answer.status;
      return response.end(await answer.text());
    });
    await once(changed.listen(0, '127.0.0.1'), 'listening');
    try {
      const { port } = changed.address() as AddressInfo;
      const { signal } = new AbortController();
      const client = new GitlabClient({
        url: `http://127.0.0.1:${port}`,
        token: stage.adminToken,
        ca: undefined,
        signal,
      });
      await expect(applySettings({ ...(await applyParts(stage)), client })).rejects.toMatchObject({
        code: 'gitlab.refused',
        wire: {
          remedies: expect.arrayContaining([expect.objectContaining({ command: 'sealift gitlab plan SITE.yaml' })]),
        },
      });
    } finally {
      changed.close();
    }
    const state = JSON.parse(await readFile(`${stage.home}/sites/rehearsal/stand-ins/gitlab.json`, 'utf8'));
    expect(state).toMatchObject({ models: [], features: {}, duoSettings: { aiGatewayUrl: null } });
  });

  it('leaves out settings that 18.4 does not have', async () => {
    stage = await openStage({ version: '18.4.2', change: (site) => Object.assign(site.gitlab, { version: '18.4' }) });
    const { applied } = await applySettings(await applyParts(stage));
    expect(applied.map((one) => one.setting)).not.toContain('duoSettings.aiGatewayTimeoutSeconds');
    expect(applied.every((one) => one.state === 'set')).toBe(true);
  });

  it.each([
    ['a GitLab of another era', { version: '18.5.0' }, 'gitlab.version-mismatch'],
    ['a site of 17.5', { change: version('17.5') }, 'gitlab.apply-by-hand'],
    ['a site of 18.0', { change: version('18.0') }, 'gitlab.apply-by-hand'],
    ['a version before all eras', { change: version('16.9') }, 'gitlab.version-unsupported'],
    ['a version that never was', { change: version('17.14') }, 'gitlab.version-unreal'],
    ['a family newer than GitLab', { change: family('GEMINI') }, 'gitlab.family-too-new'],
  ])('refuses %s before it changes anything', async (_, options, code) => {
    stage = await openStage(options);
    await expect(applySettings(await applyParts(stage))).rejects.toMatchObject({ code });
    const state = JSON.parse(await readFile(`${stage.home}/sites/rehearsal/stand-ins/gitlab.json`, 'utf8'));
    expect(state).toMatchObject({ models: [], features: {}, duoSettings: { aiGatewayUrl: null } });
  });

  it("reports GitLab's refusals in its own words", async () => {
    stage = await openStage({ change: family('CODEGEMMA', ['DUO_CHAT']) });
    await expect(applySettings(await applyParts(stage))).rejects.toMatchObject({
      code: 'gitlab.refused',
      message: expect.stringContaining('CODEGEMMA is incompatible with the General Chat feature'),
    });
  });

  it('refuses a wrong token and never shows it', async () => {
    stage = await openStage();
    const { adminToken } = stage;
    Object.assign(stage, { adminToken: 'glpat-not-the-right-one-0123' });
    const error = await applySettings(await applyParts(stage)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'gitlab.token-refused', exitCode: 3 });
    expect(JSON.stringify(error)).not.toContain('not-the-right-one');
    Object.assign(stage, { adminToken });
  });

  it('says that GitLab is not there', async () => {
    stage = await openStage();
    await stage.gitlab.stop();
    await expect(applySettings(await applyParts(stage))).rejects.toMatchObject({ code: 'gitlab.unreachable' });
  });
});

function version(text: string) {
  return (site: { gitlab: { version: string } }) => void Object.assign(site.gitlab, { version: text });
}

function family(name: string, features?: string[]) {
  return (site: object) => {
    Object.assign((site as { model: object }).model, { family: name });
    if (features) Object.assign(site, { features });
  };
}
