import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundedRequest } from '../../../src/main/core/http/bounded-request.ts';
import { modelTarget } from '../../../src/main/stand-ins/gateway/model-target.ts';
import { fakeSentence } from '../../fakes/openai-server.ts';
import { openStage, rsaKey, type SiteStage } from '../../scenes/site-stage.ts';

let stage: SiteStage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const instance = randomUUID();

interface TokenParts {
  key?: string;
  claims?: Record<string, unknown>;
  secondsFromNow?: number;
  lifeSeconds?: number;
}

async function token({
  key = stage.signingKey,
  claims = {},
  secondsFromNow = 0,
  lifeSeconds = 300,
}: TokenParts = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000) + secondsFromNow;
  const body = {
    iss: 'test',
    aud: 'gitlab-ai-gateway',
    sub: instance,
    gitlab_realm: 'self-managed',
    gitlab_instance_id: instance,
  };
  return new SignJWT({
    ...body,
    scopes: ['complete_code', 'generate_code'],
    iat: now,
    nbf: now,
    exp: now + lifeSeconds,
    ...claims,
  })
    .setProtectedHeader({ alg: 'RS256' })
    .sign(createPrivateKey(key));
}

function ask(
  method: 'GET' | 'POST',
  path: string,
  bearer?: string,
  json?: unknown,
  headers: Record<string, string> = {},
) {
  const base = {
    'x-gitlab-authentication-type': 'oidc',
    'x-gitlab-realm': 'self-managed',
    'x-gitlab-instance-id': instance,
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
  };
  return boundedRequest({
    method,
    url: `${stage.gateway.url}${path}`,
    headers: { ...base, ...headers },
    json,
    timeoutMs: 20_000,
  });
}

function metadata(change: Record<string, string> = {}) {
  const endpoint = `http://127.0.0.1:${stage.front.port}/v1`;
  return {
    provider: 'openai',
    name: 'general',
    endpoint,
    api_key: stage.apiKey,
    identifier: 'custom_openai/tiny',
    ...change,
  };
}

const check = '/v1/prompts/model_configuration%2Fcheck';
const checkBody = (change: Record<string, string> = {}) => ({
  inputs: {},
  prompt_version: '^1.0.0',
  stream: false,
  model_metadata: metadata(change),
});
const component = (type: string) => ({
  prompt_components: [
    { type, payload: { file_name: 'a.py', content_above_cursor: 'x', content_below_cursor: '', stream: false } },
  ],
  model_metadata: metadata(),
});

describe('simulated gateway: tokens', () => {
  it('opens only what the real one opens', async () => {
    for (const path of ['/monitoring/healthz', '/v1/models/definitions'])
      expect(await ask('GET', path)).toMatchObject({ status: 200 });
    for (const path of ['/', '/docs', '/monitoring/ready', '/no/such']) {
      const answer = await ask('GET', path);
      expect(answer).toMatchObject({ status: 401, text: '{"error":"No authorization header presented"}' });
      expect(answer).toMatchObject({ headers: { 'x-sealift-simulated': 'gateway' } });
    }
    expect(await ask('GET', '/no/such', await token())).toMatchObject({ status: 404 });
  });

  const forbidden = 'Forbidden by auth provider';
  const table: [string, () => Promise<string>, string, Record<string, string>?][] = [
    ['no JWT at all', async () => 'abc', forbidden],
    ['another key', () => token({ key: rsaKey() }), forbidden],
    ['expired by a second', () => token({ secondsFromNow: -301 }), forbidden],
    ['not valid yet', () => token({ secondsFromNow: 30 }), forbidden],
    ['another audience', () => token({ claims: { aud: 'gitlab-duo-workflow-service' } }), forbidden],
    ['no expiry', () => token({ claims: { exp: undefined } }), forbidden],
    ['no signature', async () => unsigned(), forbidden],
    ['the public key as HMAC secret', hmac, forbidden],
    ['another realm', () => token({ claims: { gitlab_realm: 'saas' } }), "Header mismatch 'X-Gitlab-Realm'"],
    [
      'another instance',
      () => token({ claims: { gitlab_instance_id: 'x' } }),
      "Header mismatch 'X-Gitlab-Instance-Id'",
    ],
    ['another subject', () => token({ claims: { sub: 'x' } }), "Header mismatch 'X-Gitlab-Instance-Id'"],
    [
      'no type header',
      () => token(),
      'Invalid authentication token type - only OIDC is supported',
      { 'x-gitlab-authentication-type': '' },
    ],
    ['basic authentication', () => token(), 'Invalid authorization header', { authorization: 'Basic abc' }],
  ];
  it.each(table)('refuses %s', async (_, make, error, headers) => {
    const answer = await ask('POST', check, await make(), checkBody(), headers);
    expect(answer).toMatchObject({ status: 401, text: JSON.stringify({ error }) });
  });

  it('accepts a clock that is ahead only in iat', async () => {
    const iat = Math.floor(Date.now() / 1000) + 60;
    expect(await ask('POST', check, await token({ claims: { iat } }), checkBody())).toMatchObject({ status: 200 });
  });

  it('requires the scope of the feature', async () => {
    const bearer = await token({ claims: { scopes: ['duo_chat'] } });
    for (const [path, body] of [
      [check, checkBody()],
      ['/v4/code/suggestions', component('code_editor_completion')],
    ] as const)
      expect(await ask('POST', path, bearer, body)).toMatchObject({
        status: 403,
        text: expect.stringContaining('Unauthorized to access'),
      });
  });
});

describe('simulated gateway: model', () => {
  it('returns the answer of the model on every route', async () => {
    const bearer = await token();
    expect(await ask('POST', check, bearer, checkBody())).toMatchObject({
      status: 200,
      text: JSON.stringify(fakeSentence),
    });
    for (const type of ['code_editor_completion', 'code_editor_generation'])
      expect(await ask('POST', '/v4/code/suggestions', bearer, component(type))).toMatchObject({
        status: 200,
        text: expect.stringContaining(fakeSentence),
      });
    expect(await ask('POST', '/v2/code/completions', bearer, flat('mistral'))).toMatchObject({
      status: 200,
      text: expect.stringContaining(fakeSentence),
    });
  });

  it.each([
    ['a wrong key', { api_key: 'no' }, 421, '{"detail":"401: Unauthorized"}'],
    ['a wrong name', { identifier: 'custom_openai/other' }, 421, '{"detail":"404: Not Found"}'],
    ['a dead endpoint', { endpoint: 'http://127.0.0.1:9/v1' }, 421, '{"detail":"500: Internal Server Error"}'],
    ['an unknown prefix', { identifier: 'mistralai/tiny' }, 421, '{"detail":"400: Bad Request"}'],
  ])('maps %s', async (_, change, status, text) => {
    expect(await ask('POST', check, await token(), checkBody(change))).toMatchObject({ status, text });
  });

  it('ignores invalid metadata as the real one does', async () => {
    for (const change of [{ name: 'nope' }, { endpoint: 'ftp://x' }, { endpoint: `http://x/${'a'.repeat(300)}` }])
      expect(await ask('POST', check, await token(), checkBody(change))).toMatchObject({
        status: 500,
        text: expect.stringContaining('Vertex'),
      });
  });

  it.each(['general', 'gemini', 'qwen', 'nope'])('refuses the family %s on the flat route', async (name) => {
    expect(await ask('POST', '/v2/code/completions', await token(), flat(name))).toMatchObject({ status: 422 });
  });

  it.each([{}, { prompt_components: [] }, 'text', [1], { prompt_components: [{ type: 'x', payload: {} }] }])(
    'refuses the body %j',
    async (body) => {
      expect(await ask('POST', '/v4/code/suggestions', await token(), body)).toMatchObject({ status: 422 });
    },
  );

  it('hides faults of the model on the code routes and logs them', async () => {
    const body = { ...component('code_editor_completion'), model_metadata: metadata({ api_key: 'no' }) };
    expect(await ask('POST', '/v4/code/suggestions', await token(), body)).toMatchObject({
      status: 500,
      text: 'Internal Server Error',
    });
    expect(stage.log.some((line) => line.includes('Custom_openaiException - Error code: 401'))).toBe(true);
    expect(stage.log.every((line) => line.startsWith('SIMULATED'))).toBe(true);
    expect(stage.log.join('\n')).not.toContain(stage.apiKey);
  });

  it.each([
    ['custom_openai/tiny', 'tiny'],
    ['custom_openai/org/name', 'org/name'],
    ['tiny', 'tiny'],
    [undefined, 'general'],
    ['bedrock/x', undefined],
  ])('takes the model of the identifier %s as %s', (identifier, model) => {
    const target = modelTarget({ provider: 'openai', name: 'general', endpoint: 'http://m:1/v1/', identifier });
    expect(target?.model).toBe(model);
    if (target) expect(target).toMatchObject({ url: 'http://m:1/v1/chat/completions', apiKey: 'dummy_key' });
  });
});

function flat(name: string) {
  const { endpoint, api_key, identifier } = metadata();
  return {
    ...{ prompt_version: 2, prompt: '', stream: false, model_provider: 'litellm', model_name: name },
    ...{ model_endpoint: endpoint, model_api_key: api_key, model_identifier: identifier },
    current_file: { file_name: 'a.py', content_above_cursor: 'x', content_below_cursor: '' },
  };
}

async function unsigned(): Promise<string> {
  const [, body] = (await token()).split('.');
  return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
}

async function hmac(): Promise<string> {
  const secret = createPublicKey(stage.signingKey).export({ type: 'spki', format: 'pem' }).toString();
  const exp = Math.floor(Date.now() / 1000) + 300;
  return new SignJWT({ aud: 'gitlab-ai-gateway', exp }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret));
}
