import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitlabFindings } from '../../../src/main/core/hardware/findings/gitlab-findings.ts';
import { lookAtGitlab } from '../../../src/main/core/hardware/gitlab-host.ts';
import { gitlabFacts } from '../../../src/shared/gitlab-facts.ts';
import { gitlabRows } from '../../../src/shared/gitlab-rows.ts';
import { missing } from '../../needs.ts';
import { type CertificateName, makeCertificate } from '../../scenes/certificates.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** A GitLab that answers below a path only. */
function gitlabBelow(path: string, ownUrl?: string): RequestListener {
  return (request, response) => {
    const scheme = 'encrypted' in request.socket ? 'https' : 'http';
    const own = ownUrl ?? `${scheme}://${request.headers.host}${path}`;
    if (request.url === `${path}/-/health`) response.end('GitLab OK');
    else if (request.url === `${path}/.well-known/openid-configuration`)
      response.end(JSON.stringify({ issuer: own, jwks_uri: `${own}/oauth/discovery/keys` }));
    else if (request.url === `${path}/api/v4/version`) response.end('{"version":"18.9.2-ee"}');
    else if (request.url === `${path}/api/graphql`)
      response.end('{"data":{"currentLicense":{"type":"offline_cloud","plan":"ultimate","expiresAt":null}}}');
    else response.writeHead(404).end('not here');
  };
}

const always =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    answer(response, status, body, headers);
function answer(response: ServerResponse, status: number, body: string, headers: Record<string, string>): void {
  response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
}

const reachable = (facts: Awaited<ReturnType<typeof lookAtGitlab>>) =>
  gitlabFindings(gitlabFacts.parse(facts), new Date()).find((one) => one.id === 'gitlab.reachable');

describe('a server at the address of a GitLab', () => {
  it.each([
    ['51a: a block page with 200', always(200, '<html>Access denied by policy</html>'), /is not GitLab/],
    ['a captive portal in JSON', always(200, '{"status":"ok"}'), /is not GitLab/],
    ['an empty page', always(200, ''), /is not GitLab/],
    ['another OpenID provider', always(200, '{"jwks_uri":"https://id.example/certs"}'), /is not GitLab/],
    ['a block page with 403', always(403, '<html>Blocked</html>'), /is not GitLab/],
    ['a server without these pages', always(404, 'not found'), /is not GitLab/],
    ['a proxy that asks for a password', always(407, ''), /is not GitLab/],
    [
      'a redirect to another host',
      always(302, '', { location: 'https://login.portal.example/?to=x' }),
      /redirects to https:\/\/login\.portal\.example\/\?to=x/,
    ],
    [
      'a redirect to a path',
      always(301, '', { location: '/users/sign_in' }),
      /redirects to http:\/\/.*\/users\/sign_in/,
    ],
  ])('is red: %s', async (_, listener, title) => {
    const url = `http://127.0.0.1:${await listen(createServer(listener))}`;
    const facts = await lookAtGitlab({ url }, 5000);
    expect(reachable(facts)).toMatchObject({ severity: 'red', title: expect.stringMatching(title) });
    const others = gitlabFindings(gitlabFacts.parse(facts), new Date()).filter((one) => one.severity === 'green');
    expect(others.map((one) => one.title)).toEqual([]);
  });

  it.each([
    ['a proxy', '<html>502 Bad Gateway</html>'],
    ['GitLab', 'GitLab is not responding'],
  ])('is amber while %s answers 502', async (_, body) => {
    const url = `http://127.0.0.1:${await listen(createServer(always(502, body)))}`;
    expect(reachable(await lookAtGitlab({ url }, 5000))?.severity).toBe('amber');
  });

  it('is marked as simulated when a stand-in answers', async () => {
    const url = `http://127.0.0.1:${await listen(createServer(always(200, 'GitLab OK', { 'x-sealift-simulated': 'gitlab' })))}`;
    const facts = gitlabFacts.parse(await lookAtGitlab({ url }, 5000));
    expect(reachable(facts)).toMatchObject({ severity: 'green', title: expect.stringContaining('SIMULATED GitLab') });
    expect(gitlabRows(facts)[0]).toEqual(['SIMULATED GitLab', url]);
  });

  it.each([
    ['redirects', 302, '', { location: 'http://127.0.0.1:1/' }],
    ['is a block page', 200, '<html>Blocked</html>', {}],
    ['answers every path in JSON, with a version', 200, '{"version":"18.9.2-ee","status":"blocked"}', {}],
  ])('sends no token to what %s, and does not take it for GitLab', async (_, status, body, headers) => {
    const tokens: unknown[] = [];
    const server = createServer((request, response) => {
      tokens.push(request.headers.authorization);
      answer(response, status, body, headers);
    });
    const url = `http://127.0.0.1:${await listen(server)}`;
    const facts = await lookAtGitlab({ url, token: 'good-token' }, 5000);
    expect(tokens.filter(Boolean)).toEqual([]);
    expect(reachable(facts)?.severity).toBe('red');
    const named = gitlabFindings(gitlabFacts.parse(facts), new Date()).map((one) => one.id);
    expect(named).toEqual(['gitlab.reachable']);
  });

  it('is red when its keys cannot be read, because a proxy blocks that path', async () => {
    const server = createServer((request, response) =>
      answer(response, 200, request.url === '/-/health' ? 'GitLab OK' : '<html>Blocked</html>', {}),
    );
    const url = `http://127.0.0.1:${await listen(server)}`;
    const found = gitlabFindings(gitlabFacts.parse(await lookAtGitlab({ url }, 5000)), new Date());
    expect(found.filter((one) => one.severity === 'red').map((one) => one.id)).toEqual(['gitlab.keys']);
  });

  it.each(['', '/gitlab', '/dev/git.lab'])('50a: is GitLab, served under "%s"', async (path) => {
    const url = `http://127.0.0.1:${await listen(createServer(gitlabBelow(path)))}${path}`;
    for (const asked of [url, `${url}/`]) {
      const facts = await lookAtGitlab({ url: asked, token: 'good-token' }, 5000);
      expect(facts).toMatchObject({ url, isGitlab: true, ownUrl: url, version: '18.9.2-ee', licenceWhy: null });
      expect(gitlabFindings(facts, new Date()).every((one) => one.severity === 'green')).toBe(true);
    }
  });

  it.each([
    ['/gitlab', 'http://git.example/gitlab'],
    ['', 'https://127.0.0.1/other'],
  ])('is GitLab, served under "%s", that calls itself %s', async (path, own) => {
    const url = `http://127.0.0.1:${await listen(createServer(gitlabBelow(path, own)))}${path}`;
    const found = gitlabFindings(await lookAtGitlab({ url }, 5000), new Date());
    expect(found.find((one) => one.id === 'gitlab.own-address')).toMatchObject({
      severity: 'amber',
      title: expect.stringContaining(own),
    });
  });

  it.each(['/-/health', '/api/v4', '/gitlab/users/sign_in', '/admin', '/a%20b'])(
    'is not looked for at %s',
    async (path) => {
      await expect(lookAtGitlab({ url: `http://127.0.0.1:1${path}` }, 1000)).rejects.toMatchObject({
        code: 'input.invalid',
      });
    },
  );
});

describe.skipIf(missing('openssl'))('a GitLab with a certificate of the site', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-gitlab-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function findingOf(name: CertificateName, withCa: boolean) {
    const { key, cert, ca } = await makeCertificate(folder, name);
    const server = createTlsServer({ key, cert, ciphers: 'DEFAULT:@SECLEVEL=0' }, gitlabBelow('/gitlab'));
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, ca);
    const url = `https://127.0.0.1:${await listen(server)}/gitlab`;
    const facts = gitlabFacts.parse(await lookAtGitlab({ url, token: 'good-token', ...(withCa && { caFile }) }, 5000));
    return { facts, found: gitlabFindings(facts, new Date()).find((one) => one.id === 'gitlab.certificate') };
  }

  it.each<[CertificateName, RegExp]>([
    ['an IP address in the common name only', /no subject alternative name/],
    ['an IP address as a DNS name', /not valid for 127\.0\.0\.1/],
    ['another host', /only for DNS:other\.site\.example/],
    ['expired', /has expired/],
    ['not yet valid', /not valid yet/],
    ['no intermediate', /sends no intermediate certificate/],
    ['another authority', /its authority is unknown/],
    ['a short key', /too weak/],
    ['signed with SHA-1', /too weak/],
  ])('is red: %s', async (name, why) => {
    const { facts, found } = await findingOf(name, true);
    expect(found).toMatchObject({ severity: 'red', title: expect.stringMatching(why) });
    expect(facts).toMatchObject({ version: null, versionWhy: expect.stringContaining('was not sent') });
  });

  it('52a: is red with a common name only, as the Python of the gateway refuses it', async () => {
    const { facts, found } = await findingOf('common name only', true);
    expect(found).toMatchObject({ severity: 'red', title: expect.stringMatching(/no subject alternative name/) });
    expect(facts.version).toBeNull();
  });

  it('is amber with its authority, as the gateway needs that file too', async () => {
    const { facts, found } = await findingOf('an IP address in the SAN', true);
    expect(facts).toMatchObject({ tls: { trustedBy: 'given', refusal: null }, version: '18.9.2-ee' });
    expect(found).toMatchObject({ severity: 'amber', title: expect.stringContaining('trusted by the given CA file') });
  });

  it.each<[CertificateName, RegExp]>([
    ['no authority key identifier', /Python 3\.13 or later would refuse it: the certificate has no authority key/],
    ['an authority without key usage', /Python 3\.13 or later would refuse it: .*no key usage/],
    ['self-signed and trusted', /trusted by the given CA file/],
  ])('is amber, and gets the token: %s', async (name, title) => {
    const { facts, found } = await findingOf(name, true);
    expect(found).toMatchObject({ severity: 'amber', title: expect.stringMatching(title) });
    expect(facts.version).toBe('18.9.2-ee');
  });

  it('is amber without its authority', async () => {
    const { facts, found } = await findingOf('an IP address in the SAN', false);
    expect(facts.tls).toMatchObject({ trustedBy: null, refusal: 'authority' });
    expect(found?.severity).toBe('amber');
  });
});
