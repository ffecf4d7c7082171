import { expect, it } from 'vitest';
import { isFull, pushError, refusalError } from '../../../src/main/core/push/push-error.ts';
import { appError } from '../../../src/shared/errors/app-error.ts';

const harborQuota =
  'DENIED: adding 124.6 MiB of storage resource, which when updated to current usage of 10.0 GiB will exceed the configured upper limit of 10.0 GiB';
const place = { host: 'registry.example', what: 'duo/app:1' };
const codeOf = (thrown: unknown) => (thrown as { code: string }).code;

it.each([
  [500, 'UNKNOWN: unknown error: context deadline exceeded', false],
  [500, 'UNKNOWN: unknown error: {"DriverName":"s3aws","Enclosed":"storage: context deadline exceeded"}', false],
  [504, 'storage.example: request canceled (Client.Timeout exceeded while awaiting headers)', false],
  [503, 'rate limit exceeded for storage', false],
  [429, 'TOOMANYREQUESTS: rate limit exceeded', false],
  [429, 'quota exceeded for requests per minute', false],
  [413, 'SIZE_INVALID: size exceeds limit', false],
  [413, 'request exceeds the quota', false],
  [400, 'MANIFEST_INVALID: manifest exceeds the maximum size', false],
  [500, 'UNKNOWN: unknown error: write /data/blob: no space left on device', true],
  [500, 'UNKNOWN: unknown error: {"DriverName":"filesystem","Enclosed":{"Op":"mkdir","Path":"/data","Err":28}}', true],
  [500, 'UNKNOWN: unknown error: {"DriverName":"filesystem","Enclosed":{"Op":"mkdir","Path":"/data","Err":122}}', true],
  [500, 'UNKNOWN: unknown error: {"DriverName":"filesystem","Enclosed":{"Op":"mkdir","Path":"/data","Err":2}}', false],
  [500, 'Insufficient Storage', true],
  [500, 'UNKNOWN: unknown error: write /data/timeout/blob: no space left on device', true],
  [507, '', true],
  [403, harborQuota, true],
  [412, 'Quota exceeded when processing the request', true],
  [403, 'DENIED: the project exceeds its storage limit', true],
])('an answer %i (%s) means that a registry is full: %s', (status, answer, expected) => {
  expect(isFull({ status, answer })).toBe(expected);
  if (expected) expect(refusalError({ ...place, status, answer }).code).toBe('push.full');
  else expect(refusalError({ ...place, status, answer }).code).toBe('push.refused');
});

it.each([
  ['DENIED: token is read-only', 'push.login-refused'],
  ['DENIED: the project access token is read-only', 'push.login-refused'],
  ['DENIED: you have read-only access to this repository', 'push.login-refused'],
  ['DENIED: requested access to the resource is denied', 'push.login-refused'],
  ['DENIED: The system is in read only mode. Any modification is prohibited.', 'push.read-only'],
  ['System is currently read-only', 'push.read-only'],
  ['the registry is read-only', 'push.read-only'],
  ['repository duo/app is read only', 'push.read-only'],
  ['READONLY_MODE: later', 'push.read-only'],
  [harborQuota, 'push.full'],
])('an answer 403 (%s) becomes %s', (said, expected) => {
  const answer = `HTTP 403 (${said})`;
  const refused = appError('remote.unauthorised', {
    ...place,
    login: 'as packer',
    answer,
    name: place.host,
    way: 'docker',
  });
  expect(codeOf(pushError(refused))).toBe(expected);
});

it('takes an answer 405 for that of a registry that takes nothing', () => {
  expect(refusalError({ ...place, status: 405, answer: 'UNSUPPORTED: none' }).code).toBe('push.read-only');
});
