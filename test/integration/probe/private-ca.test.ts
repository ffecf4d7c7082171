import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metadataQuery } from '../../../src/main/core/gitlab/graphql-documents.ts';
import { postGraphql } from '../../../src/main/core/gitlab/post-graphql.ts';
import { checkHealth } from '../../../src/main/core/probe/gateway-health.ts';
import type { ProbeContext } from '../../../src/main/core/probe/hop.ts';
import { siteEndpoints } from '../../../src/main/core/sites/site-endpoints.ts';
import { siteAuthorities } from '../../../src/main/core/sites/site-trust.ts';
import { HttpsServer } from '../../fakes/https-server.ts';
import { missing } from '../../needs.ts';
import { makeCertificate } from '../../scenes/certificates.ts';
import { containerSite } from '../../scenes/container-site.ts';

describe.skipIf(missing('openssl'))('a site with a certificate authority of its own', () => {
  let folder: string;
  let server: HttpsServer;
  let caFile: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-ca-'));
    caFile = join(folder, 'own-ca.pem');
    const made = await makeCertificate(folder, 'an IP address in the SAN');
    await writeFile(caFile, made.ca);
    server = await HttpsServer.start(made, ({ url }, response) => {
      const known = url === '/ai/monitoring/healthz' || url === '/api/graphql';
      const body = url === '/api/graphql' ? { data: { metadata: { version: '18.9.0' } } } : {};
      response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function context(own: boolean): Promise<ProbeContext> {
    const gateway = {
      kind: 'existing',
      url: `https://${server.host}/ai/`,
      host: '127.0.0.1',
      image: undefined,
    } as const;
    const site = { ...containerSite({ gateway }), ...(own && { caFile }) };
    const signal = new AbortController().signal;
    const asked = {
      site,
      endpoints: siteEndpoints(site),
      ca: await siteAuthorities(site),
      signal,
      now: () => new Date(),
    };
    return asked as unknown as ProbeContext;
  }

  it('has a healthy gateway behind a path of an https address', async () => {
    expect(await checkHealth(await context(true), 'id-1')).toMatchObject({ ok: true });
    const untrusted = await checkHealth(await context(false), 'id-1');
    expect(untrusted).toMatchObject({ ok: false, failure: 'tls-certificate' });
  });

  it('has a GitLab that answers', async () => {
    const ca = await siteAuthorities({ caFile });
    const target = { url: `https://${server.host}`, token: 'glpat-x' };
    const trusted = await postGraphql({ ...target, ca }, metadataQuery, {});
    expect(trusted.data).toEqual({ metadata: { version: '18.9.0' } });
    const untrusted = await postGraphql(target, metadataQuery, {});
    expect(untrusted.http).toMatchObject({ kind: 'failure', failure: 'tls-certificate' });
    expect(server.seen.filter((one) => one.url === '/api/graphql')).toHaveLength(1);
  });
});
