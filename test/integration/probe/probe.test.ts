import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { applySettings } from '../../../src/main/core/gitlab/apply-settings.ts';
import {
  duoSettingsUpdate,
  featureUpdate,
  modelsQuery,
  modelUpdate,
} from '../../../src/main/core/gitlab/graphql-documents.ts';
import { postGraphql } from '../../../src/main/core/gitlab/post-graphql.ts';
import type { ProbeContext } from '../../../src/main/core/probe/hop.ts';
import { siteEndpoints } from '../../../src/main/core/sites/site-endpoints.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { startSimulatedGateway } from '../../../src/main/stand-ins/gateway/simulated-gateway.ts';
import { fakeSentence } from '../../fakes/openai-server.ts';
import { probeStage } from '../../scenes/probe-stage.ts';
import { applyParts, freePort, openStage, rsaKey, type SiteStage } from '../../scenes/site-stage.ts';

let stage: SiteStage;
afterEach(() => stage.close());

async function appliedStage(): Promise<void> {
  stage = await openStage();
  await applySettings(await applyParts(stage));
}

describe('probe', () => {
  it('goes through every hop and shows the words of the model', async () => {
    await appliedStage();
    const result = await probeStage(stage);
    expect(result.hops.map((one) => [one.hop, one.ok, one.simulated, one.status])).toEqual([
      ['model', true, false, 200],
      ['gateway-health', true, true, 200],
      ['gateway-prompt-check', true, true, 200],
      ['gitlab-connection-check', true, true, 200],
      ['gitlab-completion', true, true, 200],
    ]);
    expect(result).toMatchObject({
      simulated: true,
      causes: [],
      notChecked: [{ hop: 'gateway-to-model' }, { hop: 'gateway-grpc' }],
    });
    expect(result.firstRed).toBeUndefined();
    for (const hop of ['model', 'gateway-prompt-check', 'gitlab-completion'])
      expect(result.hops.find((one) => one.hop === hop)?.answer).toBe(fakeSentence);
    expect(new Set(result.hops.map((one) => one.correlationId)).size).toBe(5);
    // One id leads through the logs of GitLab and gateway alike.
    const id = result.hops.at(-1)?.correlationId ?? 'none';
    const lines = stage.log.filter((line) => line.includes(id));
    expect(lines.some((line) => line.startsWith('SIMULATED gitlab'))).toBe(true);
    expect(lines.some((line) => line.startsWith('SIMULATED gateway'))).toBe(true);
    expect(
      stage.front.seen.every((one) => one.authorization === `Bearer ${stage.apiKey}` && one.body.model === 'tiny'),
    ).toBe(true);
  });

  it('goes through every hop to a GitLab that is served under a path', async () => {
    stage = await openStage({ basePath: '/dev/gitlab' });
    await applySettings(await applyParts(stage));
    const result = await probeStage(stage);
    expect(result.hops.map((one) => [one.hop, one.ok])).toEqual([
      ['model', true],
      ['gateway-health', true],
      ['gateway-prompt-check', true],
      ['gitlab-connection-check', true],
      ['gitlab-completion', true],
    ]);
    expect(stage.log.some((line) => line.includes('SIMULATED gitlab GET /dev/gitlab/.well-known/'))).toBe(true);
  });

  it('leaves out the hops that need a token when none was given', async () => {
    await appliedStage();
    const result = await probeStage(stage, { gitlabToken: '' });
    expect(result.hops.map((one) => [one.hop, one.ok])).toEqual([
      ['model', true],
      ['gateway-health', true],
      ['gateway-prompt-check', true],
    ]);
    expect(result.firstRed).toBeUndefined();
    const reasons = result.notChecked.filter((one) => one.reason.includes('--token-file'));
    expect(reasons.map((one) => one.hop)).toEqual(['gitlab-connection-check', 'gitlab-completion']);
  });

  it('does not check an existing gateway with keys that it does not have', async () => {
    await appliedStage();
    const existing = siteWith((site) => Object.assign(site.gateway, { kind: 'existing' }));
    const result = await probeStage(stage, { ...existing, gatewaySigningKey: rsaKey() });
    expect(result.firstRed).toBeUndefined();
    expect(result.notChecked.find((one) => one.hop === 'gateway-prompt-check')?.reason).toContain(
      'AIGW_SELF_SIGNED_JWT',
    );
    const shared = await probeStage(stage, existing);
    expect(shared.hops.find((one) => one.hop === 'gateway-prompt-check')?.ok).toBe(true);
  });

  it.each([-60, 60, -7200])('names a clock that is %i s off while every hop is green', async (seconds) => {
    await appliedStage();
    const existing = siteWith((site) => Object.assign(site.gateway, { kind: 'existing' }));
    const change = { ...existing, now: () => new Date(Date.now() - seconds * 1000), gatewaySigningKey: '' };
    const result = await probeStage(stage, change);
    expect(result.firstRed).toBeUndefined();
    expect(result.findings?.map((one) => one.id)).toEqual(['probe.clock']);
    expect(result.findings?.[0]?.title).toMatch(seconds > 0 ? /ahead of/ : /behind/);
  });

  it('reports no wrong clock and no other version when there is none', async () => {
    await appliedStage();
    expect((await probeStage(stage)).findings).toEqual([]);
  });

  it('names a GitLab of another version than the site file says', async () => {
    await appliedStage();
    const result = await probeStage(
      stage,
      siteWith((site) => Object.assign(site.gitlab, { version: '18.8' })),
    );
    expect(result.findings).toMatchObject([
      { id: 'probe.gitlab-version', title: expect.stringContaining('18.9.1, but the site file says 18.8') },
    ]);
  });

  it('shows remedies with the ports of the site, and none that its GitLab version does not allow', async () => {
    await appliedStage();
    const gone = await gatewayAt(await freePort());
    const port = gone.site?.gateway.httpPort;
    const health = await probeStage(stage, gone);
    expect(JSON.stringify(health.causes)).toContain(`open port ${port} `);
    await setDuo({ aiGatewayUrl: '' });
    const old = JSON.stringify((await probeStage(stage, { canApply: false })).causes);
    expect(old).not.toMatch(/gitlab (apply|check)/);
    expect(old).toContain('sealift gitlab plan');
    expect(JSON.stringify((await probeStage(stage)).causes)).toContain('sealift gitlab apply');
  });

  it.each(modelFaults())('finds at the model: %s', async (_, fault, cause) => {
    await appliedStage();
    const change = await fault();
    const result = await probeStage(stage, change);
    expectRed(result, 'model', cause);
    expect(result.hops.filter((one) => one.skipped)).toHaveLength(4);
  });

  it.each(laterFaults())('finds at %s: %s', async (hop, _, fault, cause) => {
    await appliedStage();
    const change = await fault();
    expectRed(await probeStage(stage, change), hop, cause);
  });

  it.each([
    ['reasoning', 'length', true],
    ['reasoning_content', 'length', true],
    // A model that ended in its thoughts gives people an empty answer.
    ['reasoning', 'stop', false],
    ['other', 'length', false],
  ])('takes words in %s without content, ended by %s, for an answer: %s', async (field, finish_reason, isAnswer) => {
    await appliedStage();
    const message = { role: 'assistant', content: null, [field]: 'The user wants a greeting, so' };
    stage.front.instead = (_, response) =>
      respond(response, 200, JSON.stringify({ choices: [{ index: 0, message, finish_reason }] }));
    const [model] = (await probeStage(stage)).hops;
    expect(model?.ok).toBe(isAnswer);
    if (isAnswer) expect(model?.answer).toBe('(reasoning, cut after 32 tokens) The user wants a greeting, so');
  });

  it('ends the step of a red hop as failed, and of one that could not be asked as skipped', async () => {
    await appliedStage();
    const steps: string[] = [];
    const { signal } = new AbortController();
    const step = (id: string) => void steps.push(id);
    const work = { ...quietWork(signal), step, endStep: (state: string) => void steps.push(state) };
    const unable = { askFromGateway: async () => ({ kind: 'unknown' as const, tried: [] }) };
    await gone(stage.gateway);
    const result = await probeStage(stage, unable, signal, work);
    expect(result.firstRed).toBe('gateway-health');
    expect(steps).toEqual(['model', 'gateway-to-model', 'skipped', 'gateway-health', 'failed']);
  });

  it('detects a GitLab that was not set up', async () => {
    stage = await openStage();
    expectRed(await probeStage(stage), 'gitlab-connection-check', 'P7');
  });

  it("detects a gateway that does not get GitLab's keys", async () => {
    await appliedStage();
    const gitlabUrl = `http://127.0.0.1:${await freePort()}`;
    const keys = { signingKey: stage.signingKey, validationKey: rsaKey() };
    const log = (line: string) => void stage.log.push(line);
    const other = await startSimulatedGateway({ host: '127.0.0.1', port: 0, gitlabUrl, ...keys, log });
    await setDuo({ aiGatewayUrl: other.url });
    expectRed(
      await probeStage(
        stage,
        siteWith((site) => Object.assign(site.gateway, { httpPort: other.port })),
      ),
      'gitlab-connection-check',
      'D18',
    );
    expect(stage.log.some((line) => line.includes('No keys found in JWKS'))).toBe(true);
    await other.stop();
  });

  it('follows no redirect and sends the key to no other host', async () => {
    await appliedStage();
    const seen: string[] = [];
    const thief = createServer((request, response) => {
      seen.push(request.headers.authorization ?? '');
      response.end('{}');
    });
    await new Promise<void>((done) => thief.listen(0, '127.0.0.1', done));
    const { port } = thief.address() as AddressInfo;
    stage.front.instead = (_, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${port}/v1/chat/completions` }).end();
    expectRed(await probeStage(stage), 'model', 'P3');
    expect(seen).toEqual([]);
    await new Promise((done) => thief.close(done));
  });

  it('shows no secret and no terminal codes, whatever comes back', async () => {
    await appliedStage();
    stage.front.instead = (request, response) =>
      respond(response, 400, `\u001b[31m${request.headers.authorization} glpat-ABCDEFGH12345678`);
    const result = await probeStage(stage);
    const text = JSON.stringify(result);
    expect(text).not.toContain(stage.apiKey);
    expect(text).not.toContain('ABCDEFGH1234');
    expect(text).not.toContain('\\u001b');
    expectRed(result, 'model', 'P0');
  });

  it.each([
    ['a model that fails', 500],
    ['a model that speaks no JSON', 200],
    ['a redirect', 302],
  ])('shows no part of a secret at the cut of a long answer: %s', async (_name, status) => {
    await appliedStage();
    for (const length of [165, 180, 270, 285, 450, 470, 490]) {
      const text = `${'x'.repeat(length)} key was ${stage.apiKey}`;
      stage.front.instead = (_, response) =>
        response.writeHead(status, { ...(status === 302 && { location: `http://x/${text}` }) }).end(text);
      expect(JSON.stringify(await probeStage(stage))).not.toContain(stage.apiKey.slice(0, 7));
    }
  });

  it('shows no part of a secret at the cut of a long GraphQL error', async () => {
    await appliedStage();
    for (const length of [480, 490]) {
      const body = JSON.stringify({ errors: [{ message: `${'x'.repeat(length)}${stage.apiKey}` }] });
      const gitlab = createServer((_, response) => response.end(body));
      await new Promise<void>((done) => gitlab.listen(0, '127.0.0.1', done));
      const { port } = gitlab.address() as AddressInfo;
      const result = await probeStage(stage, endpointsWith({ gitlabUrl: `http://127.0.0.1:${port}` }));
      expect(result.firstRed).toBe('gitlab-connection-check');
      expect(JSON.stringify(result)).not.toContain(stage.apiKey.slice(0, 7));
      await new Promise((done) => gitlab.close(done));
    }
  });

  it('keeps at most 2000 characters of an answer', async () => {
    await appliedStage();
    stage.front.instead = (_, response) => respond(response, 200, chat('x'.repeat(50_000)));
    expect((await probeStage(stage)).hops[0]?.answer).toHaveLength(2000);
  });

  it('stops at once when it is cancelled', async () => {
    await appliedStage();
    const abort = new AbortController();
    stage.front.instead = () => abort.abort(new Error('stopped by a person'));
    await expect(probeStage(stage, {}, abort.signal)).rejects.toThrow('stopped by a person');
  });
});

type Fault = () => Partial<ProbeContext> | Promise<Partial<ProbeContext>>;

function modelFaults(): [string, Fault, string][] {
  const answers = (status: number, body: string) => () => {
    stage.front.instead = (_, response) => respond(response, status, body);
    return {};
  };
  return [
    ['a wrong port', async () => frontAt(await freePort()), 'P1'],
    ['a server that is down', () => gone(stage.front), 'P1'],
    ['a host that does not exist', () => endpointsWith({ frontUrl: 'http://no-such-host.invalid:8000/v1' }), 'P18'],
    ['a wrong key', () => ({ frontApiKey: 'not-the-key-of-the-front' }), 'D3'],
    ['a wrong served name', () => siteWith((site) => Object.assign(site.model, { servedName: 'other' })), 'D2'],
    ['a model that loads', answers(503, '{"error":{"message":"Loading model"}}'), 'D12'],
    ['a front without engine', answers(502, '{"error":{"message":"upstream gone"}}'), 'P11'],
    ['a full queue', answers(429, '{"error":{"message":"queue is full"}}'), 'D11'],
    [
      'a small context',
      answers(400, '{"error":{"message":"request (90 tokens) exceeds the available context size (64 tokens)"}}'),
      'D5',
    ],
    ['a web page', answers(200, '<html><body>Welcome</body></html>'), 'P4'],
    ['nothing', answers(200, ''), 'P4'],
    ['broken JSON', answers(200, '{"choices":[{"mess'), 'P4'],
    ['JSON of another service', answers(200, '{"status":"ok"}'), 'P4'],
    ['JSON with the wrong types', answers(200, '{"choices":[{"message":{"content":42}}]}'), 'P4'],
    ['10 MB', answers(200, JSON.stringify({ choices: 'x'.repeat(10_000_000) })), 'P4'],
    ['no text', answers(200, chat('')), 'P5'],
    ['a redirect', answers(302, ''), 'P3'],
    ['TLS to its plain port', () => endpointsWith({ frontUrl: `https://127.0.0.1:${stage.front.port}/v1` }), 'P2'],
    ['what is not HTTP', () => cut((response) => response.socket?.end('SSH-2.0-x\r\n\r\n')), 'P4'],
    ['a closed connection', () => cut((response) => response.socket?.destroy()), 'P1'],
  ];
}

function laterFaults(): [string, string, Fault, string][] {
  const check = 'gitlab-connection-check';
  const hours = (count: number) => () => ({ now: () => new Date(Date.now() + count * 3_600_000) });
  return [
    ['gateway-health', 'a wrong port', async () => gatewayAt(await freePort()), 'T2'],
    ['gateway-health', 'a gateway that is down', () => gone(stage.gateway), 'T2'],
    ['gateway-health', 'another service', () => gatewayAt(stage.front.port), 'P4'],
    ['gateway-health', 'a portal that answers every path in JSON', portal, 'P4'],
    ['gateway-prompt-check', 'a forged token', () => ({ gatewaySigningKey: rsaKey() }), 'P9'],
    ['gateway-prompt-check', 'a signing key that is cut off', () => damagedKey(400), 'P16'],
    ['gateway-prompt-check', 'a signing key of garbage', () => ({ gatewaySigningKey: 'garbage' }), 'P16'],
    ['gateway-prompt-check', 'a signing key that is not RSA', () => ({ gatewaySigningKey: ed25519Key() }), 'P16'],
    ['gateway-prompt-check', 'an expired token', hours(-2), 'D16'],
    ['gateway-prompt-check', 'a token of the future', hours(2), 'D17'],
    [check, 'GitLab is down', () => gone(stage.gitlab), 'P6'],
    [
      check,
      'TLS to a plain port',
      () => endpointsWith({ gitlabUrl: stage.gitlab.url.replace('http:', 'https:') }),
      'P2',
    ],
    [check, 'a wrong admin token', () => ({ gitlabToken: 'not-the-token' }), 'P8'],
    [check, 'another service', () => endpointsWith({ gitlabUrl: `http://127.0.0.1:${stage.gateway.port}` }), 'P8'],
    [
      check,
      'a wrong gateway URL in GitLab',
      async () => setDuo({ aiGatewayUrl: `http://127.0.0.1:${await freePort()}` }),
      'P21',
    ],
    [check, 'no gateway URL in GitLab', () => setDuo({ aiGatewayUrl: '' }), 'T1'],
    [check, 'another key in GitLab', () => setModel({ apiToken: 'an-old-key' }), 'D3'],
    [check, 'another served name in GitLab', () => setModel({ identifier: 'custom_openai/old-name' }), 'D2'],
    [
      check,
      'an endpoint without /v1 in GitLab',
      () => setModel({ endpoint: `http://127.0.0.1:${stage.front.port}` }),
      'D2',
    ],
    [
      check,
      'an endpoint with /v1 twice in GitLab',
      () => setModel({ endpoint: `http://127.0.0.1:${stage.front.port}/v1/v1` }),
      'P19',
    ],
    [
      check,
      'an endpoint with /v1 twice in GitLab, of a site that does not know its own',
      async () => {
        await setModel({ endpoint: `http://127.0.0.1:${stage.front.port}/v1/v1` });
        return endpointsWith({ modelEndpoint: undefined });
      },
      'P19',
    ],
    [
      check,
      'a dead endpoint in GitLab',
      async () => setModel({ endpoint: `http://127.0.0.1:${await freePort()}/v1` }),
      'D1',
    ],
    [check, 'an unknown prefix in GitLab', () => setModel({ identifier: 'mistralai/tiny' }), 'T41'],
    ['gitlab-completion', 'a feature without model', unassign, 'T4'],
    ['gitlab-completion', 'a model that fails on code', failOnCode, 'P10'],
  ];
}

/** As a captive portal does; with a site that has no keys of the gateway, no later hop would notice. */
async function portal(): Promise<Partial<ProbeContext>> {
  const server = createServer((_, response) => response.end('{"status":"ok"}'));
  onTestFinished(() => void server.close());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return gatewayAt((server.address() as AddressInfo).port);
}

function damagedKey(length: number): Partial<ProbeContext> {
  return { gatewaySigningKey: stage.signingKey.slice(0, length) };
}

function ed25519Key(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function gone(part: { stop(): Promise<void> }): Promise<Partial<ProbeContext>> {
  await part.stop();
  return {};
}

function cut(end: (response: ServerResponse) => void): Partial<ProbeContext> {
  stage.front.instead = (_, response) => end(response);
  return {};
}

function expectRed(result: Awaited<ReturnType<typeof probeStage>>, hop: string, cause: string): void {
  expect([result.firstRed, result.causes[0]?.id]).toEqual([hop, cause]);
  expect(result.causes.every((one) => one.remedies.length > 0 && one.evidence.length > 1)).toBe(true);
  expect(result.hops.filter((one) => !one.ok && !one.skipped).map((one) => one.hop)).toEqual([hop]);
}

function siteWith(change: (site: SiteStage['site']) => void): Partial<ProbeContext> {
  const site = structuredClone(stage.site);
  change(site);
  return { site };
}

function endpointsWith(change: Partial<ProbeContext['endpoints']>): Partial<ProbeContext> {
  return { endpoints: { ...siteEndpoints(stage.site), ...change } };
}

const frontAt = (port: number) => siteWith((site) => Object.assign(site.front, { port }));
const gatewayAt = (httpPort: number) => siteWith((site) => Object.assign(site.gateway, { httpPort }));

async function setDuo(input: { aiGatewayUrl: string }): Promise<Partial<ProbeContext>> {
  const fields = [
    'aiGatewayUrl',
    'duoAgentPlatformServiceUrl',
    'selfHostedDuoAgentPlatformServiceSecure',
    'aiGatewayTimeoutSeconds',
  ] as const;
  const { data } = await postGraphql(target(), duoSettingsUpdate([...fields]), { input });
  expect(data?.duoSettingsUpdate.errors).toEqual([]);
  return {};
}

async function setModel(change: {
  apiToken?: string;
  identifier?: string;
  endpoint?: string;
}): Promise<Partial<ProbeContext>> {
  const { data } = await postGraphql(target(), modelsQuery, {});
  const model = data?.aiSelfHostedModels?.nodes[0];
  const { id = '', name = '', endpoint = '' } = model ?? {};
  const input = { id, name, endpoint, model: 'GENERAL' as const, ...change };
  const changed = await postGraphql(target(), modelUpdate, { input });
  expect(changed.data?.aiSelfHostedModelUpdate.errors).toEqual([]);
  return {};
}

async function unassign(): Promise<Partial<ProbeContext>> {
  const input = { features: ['CODE_COMPLETIONS' as const], provider: 'DISABLED' as const };
  expect((await postGraphql(target(), featureUpdate, { input })).data?.aiFeatureSettingUpdate.errors).toEqual([]);
  return {};
}

function failOnCode(): Partial<ProbeContext> {
  stage.front.instead = (_, response) => {
    const isCode = (stage.front.seen.at(-1)?.body.max_tokens ?? 0) > 32;
    respond(response, isCode ? 500 : 200, isCode ? '{"error":{"message":"out of memory"}}' : chat(fakeSentence));
  };
  return {};
}

function target() {
  return { url: stage.gitlab.url, token: stage.adminToken };
}

function respond(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', ...(status === 302 && { location: '/elsewhere' }) });
  response.end(body);
}

function chat(content: string): string {
  return JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] });
}
