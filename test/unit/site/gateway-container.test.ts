import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/main/core/engine/connect-engine.ts';
import { loadGatewayVariables } from '../../../src/main/core/gitlab/eras-catalog.ts';
import { scriptContainer } from '../../../src/main/core/probe/script-container.ts';
import { containerFindings } from '../../../src/main/core/site/containers/container-findings.ts';
import { gatewayContainer } from '../../../src/main/core/site/containers/gateway-container.ts';
import { plannedDetail } from '../../../src/main/core/site/deploy/deployed-containers.ts';
import { trialOf } from '../../../src/main/core/site/deploy/try-beside.ts';
import { containerRules } from '../../../src/main/core/sites/container-rules.ts';
import { secretFiles } from '../../../src/main/core/sites/site-paths.ts';
import { siteFile } from '../../../src/shared/site-file.ts';
import { containerSite, image, type SiteChange } from '../../scenes/container-site.ts';

const variables = await loadGatewayVariables('resources');
const make = (change: SiteChange = {}, more: { gitlabAddress?: string } = {}) =>
  gatewayContainer(containerSite(change), { image: image(), variables, frontAddress: '172.17.0.1', ...more });

/** An engine whose images name no program. */
const engine = { docker: { getImage: () => ({ inspect: async () => ({ Config: {} }) }) } } as unknown as Engine;

describe("the gateway's container", () => {
  it('has everything that an offline GitLab 18.9 needs, and nothing that the image contains', () => {
    const { spec, secrets } = make();
    expect(spec.env).toMatchObject({
      AIGW_GITLAB_URL: 'https://gitlab.example:8443',
      AIGW_GITLAB_API_URL: 'https://gitlab.example:8443/api/v4/',
      AIGW_CUSTOMER_PORTAL_URL: 'https://gitlab.example:8443',
      DUO_WORKFLOW_AUTH__OIDC_CUSTOMER_PORTAL_URL: 'https://gitlab.example:8443',
      DUO_WORKFLOW_AUTH__ENABLED: 'true',
      DUO_WORKFLOW_LOGGING__JSON_FORMAT: 'true',
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      NO_PROXY: 'localhost,127.0.0.1,sealift-front,gitlab.example',
    });
    for (const name of ['AIGW_CUSTOM_MODELS__ENABLED', 'HF_HUB_OFFLINE', 'SSL_CERT_FILE', 'AIGW_LOGGING__TO_FILE'])
      expect(spec.env).not.toHaveProperty(name);
    expect(secrets).toEqual({
      AIGW_SELF_SIGNED_JWT__SIGNING_KEY: secretFiles.gatewaySigning,
      AIGW_SELF_SIGNED_JWT__VALIDATION_KEY: secretFiles.gatewayValidation,
      DUO_WORKFLOW_SELF_SIGNED_JWT__SIGNING_KEY: secretFiles.workflowSigning,
      DUO_WORKFLOW_SELF_SIGNED_JWT__VALIDATION_KEY: secretFiles.workflowValidation,
    });
    expect(spec.secretEnv.sort()).toEqual(Object.keys(secrets).sort());
  });

  it('knows a GitLab that is served under a path by the same address everywhere', () => {
    const { spec } = make({ gitlab: { url: 'https://code.example/gitlab/' } });
    expect(spec.env).toMatchObject({
      AIGW_GITLAB_URL: 'https://code.example/gitlab',
      AIGW_GITLAB_API_URL: 'https://code.example/gitlab/api/v4/',
      AIGW_CUSTOMER_PORTAL_URL: 'https://code.example/gitlab',
      DUO_WORKFLOW_AUTH__OIDC_CUSTOMER_PORTAL_URL: 'https://code.example/gitlab',
      NO_PROXY: 'localhost,127.0.0.1,sealift-front,code.example',
    });
  });

  it.each([
    ['17.1', [5000], ['AIGW_CUSTOM_MODELS__ENABLED', 'AIGW_CUSTOMER_PORTAL_URL'], ['AIGW_AUTH__BYPASS_EXTERNAL'], 0],
    ['17.3', [5052], ['AIGW_AUTH__BYPASS_EXTERNAL', 'AIGW_FASTAPI__API_PORT'], ['DUO_WORKFLOW_AUTH__ENABLED'], 0],
    ['17.10', [5052], ['AIGW_GITLAB_URL'], ['AIGW_AUTH__BYPASS_EXTERNAL', 'AIGW_FASTAPI__API_PORT'], 0],
    ['18.3', [5052], ['AIGW_CUSTOMER_PORTAL_URL'], ['DUO_WORKFLOW_AUTH__ENABLED'], 2],
    ['18.4', [5052, 50_052], ['DUO_WORKFLOW_AUTH__ENABLED'], ['AIGW_AUTH__BYPASS_EXTERNAL'], 4],
  ])('follows GitLab %s', (version, ports, has, lacks, secretCount) => {
    const { spec, secrets, health } = make({ gitlab: { version } });
    expect(spec.ports.map((port) => port.containerPort)).toEqual(ports);
    expect(health.grpc !== undefined).toBe(ports.length === 2);
    for (const name of has) expect(spec.env).toHaveProperty(name);
    for (const name of lacks) expect(spec.env).not.toHaveProperty(name);
    expect(Object.keys(secrets)).toHaveLength(secretCount);
  });

  it('sets a variable when the catalog says so of its need', () => {
    const isSet = { isSet: true, meaning: 'set' };
    const changed = { ...variables, needs: { ...variables.needs, 'baked-in': isSet } };
    const facts = { image: image(), variables: changed, frontAddress: '172.17.0.1' };
    expect(gatewayContainer(containerSite({}), facts).spec.env).toHaveProperty('HF_HUB_OFFLINE');
  });

  it('logs into a folder of this machine in the versions that can, and is refused the folder in the others', async () => {
    for (const version of ['17.1', '17.2', '17.3', '17.4', '17.8', '18.0', '18.3', '18.4', '18.11', '19.0', '19.5']) {
      const change = { gitlab: { version }, gateway: { logFolder: '/srv/gitlab-agw' } };
      const { env, mounts } = make(change).spec;
      const expected = { source: '/srv/gitlab-agw', target: '/var/log/sealift', readOnly: false, kind: 'bind' };
      const refused = containerRules.flatMap((rule) => rule(containerSite(change)));
      const isRefused = refused.some(({ path }) => path.join('.') === 'gateway.logFolder');
      expect([version, isRefused]).toEqual([version, ['17.1', '17.2', '17.3'].includes(version)]);
      expect(env.AIGW_LOGGING__TO_FILE).toBe(isRefused ? undefined : '/var/log/sealift/gateway.log');
      if (!isRefused) expect(mounts).toContainEqual(expected);
    }
    const logging = make({ gateway: { logFolder: '/srv/gitlab-agw' } });
    expect(JSON.stringify(logging)).toMatch(/srv\/gitlab-agw.*var\/log\/sealift/s);
    // Two gateways must not write into one file.
    for (const beside of [trialOf(logging), await scriptContainer(engine, logging)])
      expect(JSON.stringify(beside)).not.toMatch(/gitlab-agw|var\/log\/sealift/);
    const [grows] = containerFindings(containerSite({ gateway: { logFolder: '/srv/gitlab-agw' } }), { info: {} });
    expect(grows).toMatchObject({
      id: 'gateway.log-grows',
      title: expect.stringContaining('/srv/gitlab-agw/gateway.log'),
    });
    expect(JSON.stringify(grows?.remedies)).toContain('copytruncate');
    expect(containerFindings(containerSite(), { info: {} })).toEqual([]);
    expect(make().spec.env).not.toHaveProperty('AIGW_LOGGING__TO_FILE');
  });

  it("sets a variable to the site's choice, and leaves it out without one", () => {
    const chosen = make({ gateway: { logLevel: 'DEBUG' } }).spec.env;
    expect(chosen).toMatchObject({ AIGW_LOGGING__LEVEL: 'DEBUG', DUO_WORKFLOW_LOGGING__LEVEL: 'DEBUG' });
    expect(make().spec.env).not.toHaveProperty('AIGW_LOGGING__LEVEL');
  });

  it('finds every field of the site file that a variable names', () => {
    const texts = variables.variables.flatMap((one) => (one.value === undefined ? [] : [one.value]));
    const named = texts.flatMap((text) => [...text.matchAll(/\{\{(.*?)\}\}/g)].map(([, name]) => name));
    const { shape } = siteFile.shape.gateway;
    const groups = {
      gateway: shape,
      'gateway.aws': shape.aws.unwrap().shape,
      'gateway.google': shape.google.unwrap().shape,
    };
    const fields = Object.entries(groups).flatMap(([group, its]) =>
      Object.keys(its).map((field) => `${group}.${field}`),
    );
    const own = ['gitlabUrl', 'caBundle', 'hasTls', 'tlsCertificate', 'tlsKey', 'googleCredentials', 'logFile'];
    expect([...own, ...fields]).toEqual(expect.arrayContaining([...new Set(named)]));
  });

  it("has the name of GitLab's manual where the site file gives it", () => {
    const { spec } = make({ gateway: { containerName: 'gitlab-aigw' } });
    expect([spec.name, spec.part]).toEqual(['gitlab-aigw', 'gateway']);
    expect(() => make({ gateway: { containerName: '../aigw' } })).toThrow(/gitlab-aigw/);
  });

  it('is confined: no capabilities, its own network, the limits of the site file', () => {
    const { spec } = make({ gateway: { memoryGiB: 2.5, cpus: 1.5 } });
    expect(spec).toMatchObject({
      name: 'sealift-lab-gateway',
      dropCapabilities: true,
      tmpfs: ['/tmp'],
      mounts: [],
      networks: [{ name: 'sealift-lab' }],
      memoryBytes: 2.5 * 1024 ** 3,
      cpus: 1.5,
      simulated: false,
    });
  });

  it.each([
    ['10.0.0.5', '10.0.0.5', 'http://10.0.0.5:5052/monitoring/healthz'],
    ['::1', '::1', 'http://[::1]:5052/monitoring/healthz'],
    ['gateway.example', '0.0.0.0', 'http://127.0.0.1:5052/monitoring/healthz'],
    ['0.0.0.0', '0.0.0.0', 'http://127.0.0.1:5052/monitoring/healthz'],
  ])('publishes on %s as %s and is asked at %s', (host, hostIp, url) => {
    const { spec, health } = make({ gateway: { host } });
    expect(spec.ports.map((port) => port.hostIp)).toEqual([hostIp, hostIp]);
    expect(health.url).toBe(url);
  });

  it("knows the front, and GitLab where only the machine's hosts file does", () => {
    expect(make().spec.extraHosts).toEqual(['sealift-front:172.17.0.1']);
    expect(make({}, { gitlabAddress: '10.1.2.3' }).spec.extraHosts).toContain('gitlab.example:10.1.2.3');
  });

  it('shows the names of its secrets and never a value', () => {
    const planned = make();
    const env = { ...planned.spec.env, AIGW_SELF_SIGNED_JWT__SIGNING_KEY: 'marker-value' };
    const filled = { ...planned, spec: { ...planned.spec, env } };
    const shown = plannedDetail(filled);
    expect(JSON.stringify(shown)).not.toContain('marker-value');
    expect(shown.env.AIGW_SELF_SIGNED_JWT__SIGNING_KEY).toBe('[hidden]');
  });
});
