import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadGatewayVariables } from '../../../src/main/core/gitlab/eras-catalog.ts';
import { gatewayContainer } from '../../../src/main/core/site/containers/gateway-container.ts';
import { readGatewayFiles } from '../../../src/main/core/site/containers/gateway-files.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import { gatewayTls } from '../../../src/main/core/sites/site-tls.ts';
import { siteAuthorities } from '../../../src/main/core/sites/site-trust.ts';
import { missing } from '../../needs.ts';
import { type MadeCertificate, makeCertificate } from '../../scenes/certificates.ts';
import { containerSite, image } from '../../scenes/container-site.ts';

let folder: string;
let made: MadeCertificate;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-trust-'));
  made = await makeCertificate(folder, 'good');
  const other = await makeCertificate(folder, 'another host');
  await writeFile(at('ca.pem'), `# our root\n${made.ca}`);
  await writeFile(at('tls.crt'), made.cert);
  await writeFile(at('tls.key'), made.key);
  await writeFile(at('other.key'), other.key);
  await writeFile(at('no.pem'), 'nothing\n');
  await writeFile(at('damaged.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tlsSite = (keyFile = 'tls.key', host = made.host) =>
  containerSite({
    gitlab: { version: '19.1' },
    gateway: { host, tls: { certFile: at('tls.crt'), keyFile: at(keyFile) } },
  });

describe.skipIf(missing('openssl'))('the certificates of a site', () => {
  it("adds the site's own authorities to the public ones", async () => {
    expect(await siteAuthorities({})).toBeUndefined();
    const bundle = (await siteAuthorities({ caFile: at('ca.pem') })) ?? '';
    expect(bundle).toContain(made.ca.trim());
    expect(bundle.match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(100);
    expect(bundle).not.toContain('# our root');
  });

  it.each([
    ['no.pem', 'no certificate'],
    ['damaged.pem', 'certificate 1 cannot be read'],
  ])('refuses %s', async (name, problem) => {
    await expect(siteAuthorities({ caFile: at(name) })).rejects.toMatchObject({
      code: 'site.certificate-file',
      message: expect.stringContaining(problem),
    });
    await expect(siteAuthorities({ caFile: at('missing.pem') })).rejects.toMatchObject({ code: 'file.missing' });
  });

  it("reads the gateway's certificate and key, and refuses what does not fit", async () => {
    expect(await gatewayTls(tlsSite())).toMatchObject({ key: made.key });
    const refused = { code: 'site.certificate-file' };
    await expect(gatewayTls(tlsSite('other.key'))).rejects.toMatchObject(refused);
    await expect(gatewayTls(tlsSite('no.pem'))).rejects.toMatchObject(refused);
    await expect(gatewayTls(tlsSite('tls.key', 'other.example'))).rejects.toMatchObject(refused);
  });

  it('mounts an index of the documentation where GitLab 17.3 looks for it, and refuses another file', async () => {
    const facts = { image: image(), variables: await loadGatewayVariables('resources'), frontAddress: '172.17.0.1' };
    const withIndex = (docsIndex: string) => containerSite({ gitlab: { version: '17.3' }, gateway: { docsIndex } });
    await writeFile(at('docs.db'), 'SQLite format 3\0 and pages');
    await readGatewayFiles(withIndex(at('docs.db')), sitePaths('/sites', 'lab'));
    const { mounts } = gatewayContainer(withIndex(at('docs.db')), facts).spec;
    expect(mounts).toEqual([{ source: at('docs.db'), target: '/app/tmp/docs.db', readOnly: true, kind: 'bind' }]);
    const refused = (path: string) => readGatewayFiles(withIndex(path), sitePaths('/sites', 'lab'));
    await expect(refused(at('no.pem'))).rejects.toMatchObject({ code: 'site.docs-index' });
    await expect(refused(at('missing.db'))).rejects.toMatchObject({ code: 'file.missing' });
  });

  it('mounts them into the container and names them in every variable that its version reads', async () => {
    const site = { ...tlsSite(), caFile: at('ca.pem') };
    const certificates = await readGatewayFiles(site, sitePaths('/sites', 'lab'));
    const facts = { image: image(), variables: await loadGatewayVariables('resources'), frontAddress: '172.17.0.1' };
    const { spec, health } = gatewayContainer(site, { ...facts, certificates });
    const bundle = '/etc/sealift/ca-certificates.crt';
    expect(spec.env).toMatchObject({
      REQUESTS_CA_BUNDLE: bundle,
      SSL_CERT_FILE: bundle,
      DUO_WORKFLOW_GITLAB_SSL_CA_FILE: bundle,
      AIGW_FASTAPI__TLS__ENABLED: 'true',
      AIGW_FASTAPI__TLS__CERT_FILE: '/etc/sealift/tls.crt',
      AIGW_FASTAPI__TLS__KEY_FILE: '/etc/sealift/tls.key',
      DUO_WORKFLOW_TLS__ENABLED: 'true',
      DUO_WORKFLOW_TLS__KEY_FILE: '/etc/sealift/tls.key',
    });
    expect(spec.mounts.map(({ source, target, readOnly }) => [source.replace(/.*\//, ''), target, readOnly])).toEqual([
      [expect.stringMatching(/^[0-9a-f]{12}-ca-certificates\.crt$/), bundle, true],
      [expect.stringMatching(/-tls\.crt$/), '/etc/sealift/tls.crt', true],
      [expect.stringMatching(/-tls\.key$/), '/etc/sealift/tls.key', true],
    ]);
    expect(health.url).toBe(`https://${made.host}:5052/monitoring/healthz`);
    expect(health.ca).toBe(health.grpc?.tls?.ca);
    const early = gatewayContainer({ ...site, gitlab: { ...site.gitlab, version: '17.3' } }, facts).spec.env;
    expect(early).toMatchObject({ REQUESTS_CA_BUNDLE: bundle, SSL_CERT_FILE: bundle });
    expect(early).not.toHaveProperty('AIGW_FASTAPI__TLS__ENABLED');
  });
});
