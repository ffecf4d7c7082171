import { describe, expect, it } from 'vitest';
import { nearNames } from '../../../src/main/core/bundle/sources/near-names.ts';
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
    ['registry.site.example:5050', 'gitlab.site.example', true],
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
