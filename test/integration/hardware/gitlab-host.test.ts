import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitlabFindings } from '../../../src/main/core/hardware/findings/gitlab-findings.ts';
import { clockAhead, lookAtGitlab } from '../../../src/main/core/hardware/gitlab-host.ts';
import { gitlabFacts } from '../../../src/shared/gitlab-facts.ts';
import { missing } from '../../needs.ts';

let folder: string;
const servers: Server[] = [];
const asked: { path: string; token: string | undefined }[] = [];
/** How far the server's clock is ahead. */
let aheadMs = 0;
/** What it answers about its licence. */
let licenceAnswer = JSON.stringify({ data: { currentLicense: null } });
/** What it says of its health: 404, as GitLab does to whom it does not list. */
let health = 404;

function answer(request: IncomingMessage, response: ServerResponse): void {
  asked.push({ path: request.url ?? '', token: request.headers.authorization });
  response.setHeader('date', new Date(Date.now() + aheadMs).toUTCString());
  if (request.url === '/api/graphql') {
    response.statusCode =
      request.headers.authorization === 'Bearer good-token' && request.method === 'POST' ? 200 : 401;
    response.end(response.statusCode === 200 ? licenceAnswer : '');
    return;
  }
  if (request.url === '/.well-known/openid-configuration') {
    const scheme = 'encrypted' in request.socket ? 'https' : 'http';
    response.end(JSON.stringify({ jwks_uri: `${scheme}://${request.headers.host}/oauth/discovery/keys` }));
    return;
  }
  const isVersion = request.url === '/api/v4/version' && request.headers.authorization === 'Bearer good-token';
  response.statusCode = isVersion ? 200 : request.url === '/-/health' ? health : 401;
  response.end(isVersion ? JSON.stringify({ version: '18.9.1-ee', revision: 'x' }) : health === 200 ? 'GitLab OK' : '');
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

const at = (date: string) => new Date(date);
const open = (facts: Awaited<ReturnType<typeof lookAtGitlab>>, now = new Date()) =>
  gitlabFindings(facts, now).flatMap((one) => (one.severity === 'green' ? [] : [one.id]));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-gitlab-'));
});
afterAll(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a GitLab without TLS', () => {
  it('reveals its clock, and its version to callers with a token', async () => {
    const url = `http://127.0.0.1:${await listen(createPlain(answer))}`;
    aheadMs = 300_000;
    const facts = await lookAtGitlab({ url, token: 'good-token' }, 5000);
    aheadMs = 0;
    expect(gitlabFacts.parse(facts)).toEqual(facts);
    expect(facts).toMatchObject({ url, isReachable: true, tls: null, version: '18.9.1-ee' });
    expect(Math.abs((facts.clockAheadSeconds ?? 0) - 300)).toBeLessThan(30);
    expect(open(facts)).toEqual(['gitlab.clock']);
    asked.length = 0;
    expect((await lookAtGitlab({ url }, 5000)).version).toBeNull();
    expect(asked).toEqual(
      ['/-/health', '/.well-known/openid-configuration'].map((path) => ({ path, token: undefined })),
    );
    const refused = await lookAtGitlab({ url, token: 'bad-token' }, 5000);
    expect(refused).toMatchObject({ version: null, versionWhy: 'the token was refused (401)' });
    expect(open(refused)).toEqual(['gitlab.version']);
    expect(await lookAtGitlab({ url }, 5000)).not.toHaveProperty('versionWhy');
  });

  it.each([
    [{ type: 'offline_cloud', plan: 'ultimate', expiresAt: '2099-01-01' }, 'green', undefined],
    [{ type: 'offline_cloud', plan: 'premium', expiresAt: null }, 'green', undefined],
    [{ type: 'online_cloud', plan: 'ultimate', expiresAt: '2099-01-01' }, 'amber', /offline cloud licence/],
    [{ type: 'offline_cloud', plan: 'starter', expiresAt: '2099-01-01' }, 'amber', /Premium or Ultimate/],
    [{ type: 'offline_cloud', plan: 'ultimate', expiresAt: '2020-01-01' }, 'amber', /has expired/],
  ])('reveals its licence to an administrator: %j is %s', async (licence, severity, consequence) => {
    const url = `http://127.0.0.1:${await listen(createPlain(answer))}`;
    licenceAnswer = JSON.stringify({ data: { currentLicense: licence } });
    const facts = gitlabFacts.parse(await lookAtGitlab({ url, token: 'good-token' }, 5000));
    expect(facts).toMatchObject({ licence, licenceWhy: null });
    const found = gitlabFindings(facts, new Date()).find((one) => one.id === 'gitlab.licence');
    expect(found?.severity).toBe(severity);
    if (consequence) expect(found?.consequence).toMatch(consequence);
  });

  it.each([
    [{ data: { currentLicense: null } }, /administrator/],
    [{ data: { currentLicense: { type: '<script>', plan: 'x', expiresAt: null } } }, /is not GitLab's/],
    [{ errors: [{ message: 'no' }] }, /is not GitLab's/],
  ])('does not guess its licence: %j', async (said, why) => {
    const url = `http://127.0.0.1:${await listen(createPlain(answer))}`;
    licenceAnswer = JSON.stringify(said);
    const facts = await lookAtGitlab({ url, token: 'good-token' }, 5000);
    expect(facts).toMatchObject({ licence: null, licenceWhy: expect.stringMatching(why) });
    expect(gitlabFindings(facts, new Date()).map((one) => one.id)).not.toContain('gitlab.licence');
  });

  it.each([
    [200, 'green', /reports that it is healthy/],
    [404, 'green', /GitLab responds/],
    [503, 'amber', /does not report that it is healthy/],
    [302, 'amber', /does not report that it is healthy/],
  ])('is judged by its health endpoint: %i is %s', async (status, severity, title) => {
    const url = `http://127.0.0.1:${await listen(createPlain(answer))}`;
    health = status;
    const facts = await lookAtGitlab({ url }, 5000);
    health = 404;
    expect(facts.healthStatus).toBe(status);
    const found = gitlabFindings(facts, new Date()).find((one) => one.id === 'gitlab.reachable');
    expect(found).toMatchObject({ severity, title: expect.stringMatching(title) });
    expect(found?.howWeKnow).toContain(String(status));
  });

  it.each(['two words', 'line\nbreak: 1', 'zwölf', ''])(
    'is not asked with a token that no header can carry: %j',
    async (token) => {
      await expect(lookAtGitlab({ url: 'http://127.0.0.1:1', token }, 1000)).rejects.toMatchObject({
        code: 'input.invalid',
        wire: { details: { what: 'token' } },
      });
    },
  );

  it('is waited for up to the limit, and reported when it is absent', async () => {
    const silent = `http://127.0.0.1:${await listen(createPlain(() => undefined))}`;
    expect((await lookAtGitlab({ url: silent }, 300)).isReachable).toBe(false);
    const facts = await lookAtGitlab({ url: 'http://127.0.0.1:1' }, 3000);
    expect(facts).toMatchObject({ isReachable: false, why: expect.stringContaining('ECONNREFUSED') });
    expect(open(facts)).toEqual(['gitlab.reachable']);
  });

  it.each(['ftp://host', 'host', 'https://user:secret@host', 'https://host/?x=1', 'file:///etc/passwd'])(
    'is not looked for at %s',
    async (url) => {
      await expect(lookAtGitlab({ url }, 1000)).rejects.toMatchObject({ code: 'input.invalid' });
    },
  );
});

describe.skipIf(missing('openssl'))('a GitLab with a certificate of its own', () => {
  let url: string;
  let caFile: string;

  beforeAll(async () => {
    caFile = join(folder, 'cert.pem');
    const keyFile = join(folder, 'key.pem');
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '90', '-subj', '/O=Enclave/CN=gitlab.site'];
    spawnSync('openssl', [...made, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', caFile]);
    const tls = { cert: await readFile(caFile), key: await readFile(keyFile) };
    url = `https://127.0.0.1:${await listen(createServer(tls, answer))}`;
  });

  it('is shown with its certificate, and gets no token while it is untrusted', async () => {
    asked.length = 0;
    const facts = await lookAtGitlab({ url, token: 'good-token' }, 5000);
    expect(facts.tls?.chain).toMatchObject([
      { subject: 'O=Enclave, CN=gitlab.site', issuer: 'O=Enclave, CN=gitlab.site' },
    ]);
    expect(facts.tls).toMatchObject({ trustedBy: null, why: expect.stringMatching(/self-signed/) });
    expect(facts).toMatchObject({ version: null, versionWhy: expect.stringContaining('was not sent') });
    expect(new Set(asked.map((one) => one.token))).toEqual(new Set([undefined]));
    expect(open(facts)).toEqual(['gitlab.version', 'gitlab.certificate']);
  });

  it('is trusted by the file that was named, and then gets the token', async () => {
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'good-token\n');
    const facts = await lookAtGitlab({ url, caFile, tokenFile }, 5000);
    expect(facts).toMatchObject({ tls: { trustedBy: 'given', why: null }, version: '18.9.1-ee' });
    expect(JSON.stringify(facts)).not.toContain('good-token');
  });

  it('has a certificate that ends', async () => {
    const facts = await lookAtGitlab({ url, caFile }, 5000);
    const end = Date.parse(facts.tls?.chain[0]?.validTo ?? '');
    expect(open(facts, new Date(end - 1000))).toContain('gitlab.certificate-validity');
    expect(gitlabFindings(facts, new Date(end + 1000)).some((one) => one.severity === 'red')).toBe(true);
  });
});

it('estimates the clock from the middle of the exchange', () => {
  const sentAt = at('2026-01-01T00:00:10Z').getTime();
  const times = { sentAt, answeredAt: sentAt + 2000 };
  expect(clockAhead({ ...times, date: 'Thu, 01 Jan 2026 00:00:11 GMT' })).toBe(0.5);
  expect(clockAhead({ ...times, date: 'Thu, 01 Jan 2026 00:00:00 GMT' })).toBe(-10.5);
  expect(clockAhead({ ...times, date: undefined })).toBeNull();
  expect(clockAhead({ ...times, date: 'tomorrow' })).toBeNull();
});
