import { describe, expect, it } from 'vitest';
import { nearNames } from '../../../src/main/core/bundle/sources/near-names.ts';
import type { LoadedSpec } from '../../../src/main/core/bundle/sources/read-bundle-spec.ts';
import { Registry } from '../../../src/main/core/bundle/sources/registry.ts';
import { openRemote } from '../../../src/main/core/bundle/sources/remote-sources.ts';
import { retryAfterSeconds } from '../../../src/main/core/remote/back-off.ts';
import { isOwnRealm, parseChallenge } from '../../../src/main/core/remote/challenge.ts';

describe('a challenge', () => {
  it.each([
    ['Basic realm="x"', { scheme: 'basic' }],
    [
      'Bearer realm="https://a/t",service="s",scope="r:a:pull"',
      { scheme: 'bearer', realm: 'https://a/t', service: 's', scope: 'r:a:pull' },
    ],
    ['bearer realm="https://a/t"', { scheme: 'bearer', realm: 'https://a/t' }],
    ['Basic realm="x", Bearer realm="https://a/t"', { scheme: 'bearer', realm: 'https://a/t' }],
    ['Bearer service="s"', undefined],
    ['Bearer realm="Authentication required", charset="UTF-8"', undefined],
    ['Negotiate', undefined],
    ['', undefined],
  ])('%j', (header, expected) => {
    expect(parseChallenge(header)).toEqual(expected);
  });
});

describe('a token service that may get the login without being named', () => {
  it.each([
    ['ghcr.io', 'ghcr.io', true],
    ['registry-1.docker.io', 'auth.docker.io', true],
    ['registry.gitlab.com', 'gitlab.com', true],
    ['registry.site.example:5050', 'registry.site.example', true],
    ['registry.site.example', 'auth.registry.site.example', true],
    ['registry.site.example', 'gitlab.site.example', false],
    ['one.co.uk', 'other.co.uk', false],
    ['one.github.io', 'other.github.io', false],
    ['registry.one.co.uk', 'co.uk.evil.example', false],
    ['other-registry-1.docker.io', 'auth.docker.io', false],
    ['ghcr.io', 'evil.io', false],
    ['registry.gitlab.com', 'gitlab.com.evil.example', false],
    ['registry.gitlab.com', 'evilgitlab.com', false],
    ['127.0.0.1:5000', '127.0.0.1:5001', false],
    ['10.0.0.1', '20.0.0.1', false],
    ['[::1]:5000', '[::1]:5001', false],
    ['localhost:5000', 'localhost:5001', false],
  ])('%s → %s: %s', (host, realm, expected) => {
    expect(isOwnRealm(host, realm)).toBe(expected);
  });
});

it.each([
  ['vllm/vllm-openai:v1', undefined, { name: 'docker.io', origin: 'https://registry-1.docker.io' }],
  ['ghcr.io/team/app:1', undefined, { name: 'ghcr.io', origin: 'https://ghcr.io' }],
  ['app:1', 'mirror.example:5000/hub', { name: 'mirror.example:5000', origin: 'https://mirror.example:5000' }],
])('%s from %s has its login at the name that docker login takes', async (reference, mirror, expected) => {
  const asked = { kind: 'image' as const, reference, platform: 'linux/amd64', ...(mirror && { mirror }) };
  const said: string[] = [];
  const loaded = { spec: { contents: [] }, folder: '.' } as unknown as LoadedSpec;
  const remote = await openRemote(loaded, new AbortController().signal, { say: (line) => said.push(line) });
  expect((await Registry.open(asked, remote)).access).toMatchObject(expected);
  expect(said.join()).toContain(expected.name);
});

it.each([
  ['5', 5],
  [' 0 ', 0],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 60],
  ['soon', undefined],
  [undefined, undefined],
])('reads Retry-After %j as %j seconds', (header, expected) => {
  expect(retryAfterSeconds(header, 0)).toBe(expected);
});

it('offers the names with the longest common start first, of these the highest version', () => {
  const names = ['latest', 'self-hosted-v18.9.2-ee', 'self-hosted-v18.9.10-ee', 'self-hosted-v18.8.0-ee'];
  const near = ['self-hosted-v18.9.10-ee', 'self-hosted-v18.9.2-ee', 'self-hosted-v18.8.0-ee'];
  expect(nearNames('self-hosted-v18.9.5-ee', names)).toEqual(near);
});
