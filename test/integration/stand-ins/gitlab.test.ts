import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type GraphqlOperation,
  modelCreate,
  modelDelete,
  modelsQuery,
} from '../../../src/main/core/gitlab/graphql-documents.ts';
import { postGraphql } from '../../../src/main/core/gitlab/post-graphql.ts';
import { boundedRequest } from '../../../src/main/core/http/bounded-request.ts';
import { openStage, type SiteStage } from '../../scenes/site-stage.ts';

let stage: SiteStage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const model = {
  name: 'one',
  model: 'GENERAL' as const,
  endpoint: 'http://m:8000/v1/',
  identifier: 'custom_openai/m',
  apiToken: 'k',
};

function target(token = stage.adminToken) {
  return { url: stage.gitlab.url, token };
}

function raw(body: unknown, headers: Record<string, string> = { 'private-token': stage.adminToken }) {
  return boundedRequest({
    method: 'POST',
    url: `${stage.gitlab.url}/api/graphql`,
    headers,
    json: body,
    timeoutMs: 5000,
  });
}

async function create(change: object) {
  const { data, problem } = await postGraphql(target(), modelCreate, { input: { ...model, ...change } });
  return { errors: data?.aiSelfHostedModelCreate.errors, problem };
}

describe('simulated GitLab: GraphQL', () => {
  beforeEach(async () => {
    const { data } = await postGraphql(target(), modelsQuery, {});
    for (const { id } of data?.aiSelfHostedModels?.nodes ?? [])
      await postGraphql(target(), modelDelete, { input: { id } });
  });

  it('strips the trailing slash and returns the family in lower case, as GitLab does', async () => {
    expect((await create({})).errors).toEqual([]);
    const { data } = await postGraphql(target(), modelsQuery, {});
    expect(data?.aiSelfHostedModels?.nodes).toMatchObject([
      { endpoint: 'http://m:8000/v1', model: 'general', hasApiToken: true },
    ]);
  });

  it.each([
    [{ endpoint: 'not a url' }, 'Endpoint must be a valid URL'],
    [{ endpoint: 'ftp://m/v1' }, 'Endpoint must be a valid URL'],
    [{ identifier: 'x'.repeat(256) }, 'Identifier is too long (maximum is 255 characters)'],
    [{ name: ' ' }, "Name can't be blank"],
  ])('refuses %j in errors[]', async (change, error) => expect((await create(change)).errors).toEqual([error]));

  it('refuses a name twice', async () => {
    await create({});
    expect((await create({})).errors).toEqual(['Name has already been taken']);
  });

  it('takes an identifier of 255 characters', async () =>
    expect((await create({ identifier: 'x'.repeat(255) })).errors).toEqual([]));

  it.each(['QWEN', 'general', ''])('refuses the family %j before it comes to errors[]', async (family) => {
    const { problem } = await create({ model: family });
    expect(problem).toMatchObject({ kind: 'graphql', lines: [expect.stringContaining('model')] });
  });

  it.each([
    ['an unknown operation', { operationName: 'other', query: 'query other { users { nodes { id } } }' }],
    [
      'a known name with another document',
      { operationName: 'sealiftModels', query: 'query sealiftModels { currentUser { id } }' },
    ],
    [
      'unknown variables',
      { operationName: modelDelete.name, query: modelDelete.document, variables: { input: { id: '1', all: true } } },
    ],
    ['no query', { operationName: 'x' }],
    ['a list', [1, 2]],
  ])('refuses %s with a GraphQL error', async (_, body) => {
    const answer = await raw(body);
    expect(answer).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^\{"errors":\[\{"message":"SIMULATED: /),
    });
  });

  it('does not have the fields of later versions', async () => {
    const old = await openStage({ version: '17.9' });
    const operation = {
      ...modelsQuery,
      name: 'sealiftDuoSettings',
      document: 'query sealiftDuoSettings { duoSettings { aiGatewayUrl duoAgentPlatformServiceUrl } }',
    };
    const { problem } = await postGraphql(
      { url: old.gitlab.url, token: old.adminToken },
      operation as GraphqlOperation<object, unknown>,
      {},
    );
    expect(problem?.kind).toBe('graphql');
    await old.close();
  });
});

describe('simulated GitLab: access', () => {
  it.each([
    {},
    { 'private-token': 'no' },
    { authorization: 'Bearer no' },
    { authorization: 'Basic abc' },
    { 'private-token': '' },
  ])('refuses %j', async (headers) =>
    expect(await raw({ query: 'x' }, headers as Record<string, string>)).toMatchObject({ status: 401 }),
  );

  it('takes the token in either header, and marks every answer', async () => {
    for (const headers of [{ 'private-token': stage.adminToken }, { authorization: `Bearer ${stage.adminToken}` }]) {
      const answer = await raw(
        { operationName: modelsQuery.name, query: modelsQuery.document },
        headers as Record<string, string>,
      );
      expect(answer).toMatchObject({ status: 200, headers: { 'x-sealift-simulated': 'gitlab' } });
    }
    for (const path of [
      '/api/v4/projects',
      '/nothing',
      '/.well-known/openid-configuration',
      '/api/v4/version',
      '/sealift',
    ]) {
      const answer = await boundedRequest({ method: 'GET', url: `${stage.gitlab.url}${path}`, timeoutMs: 5000 });
      expect(answer).toMatchObject({ headers: { 'x-sealift-simulated': 'gitlab' } });
    }
    expect(stage.log.every((line) => line.startsWith('SIMULATED'))).toBe(true);
    expect(stage.log.join('\n')).not.toContain(stage.adminToken);
  });

  it.each([
    ['no file', { intent: 'completion' }, 400],
    ['an unknown intent', { current_file: { file_name: 'a', content_above_cursor: 'x' }, intent: 'x' }, 400],
    [
      'a file of 400,001 characters',
      { current_file: { file_name: 'a', content_above_cursor: 'x'.repeat(400_001) } },
      400,
    ],
    ['a body over 600,000 bytes', { current_file: { file_name: 'a', content_above_cursor: 'x'.repeat(700_000) } }, 413],
    ['a feature without model', { current_file: { file_name: 'a', content_above_cursor: 'x' } }, 401],
  ])('answers %s', async (_, json, status) => {
    const url = `${stage.gitlab.url}/api/v4/code_suggestions/completions`;
    const headers = { authorization: `Bearer ${stage.adminToken}` };
    const answer = await boundedRequest({ method: 'POST', url, headers, json, timeoutMs: 5000 });
    expect(answer).toMatchObject({ status });
    expect((answer as { headers: Record<string, string> }).headers['x-gitlab-error-origin']).toBe(
      status === 401 ? 'monolith' : undefined,
    );
  });
});
