import { describe, expect, it } from 'vitest';
import { shownSpec } from '../../../src/main/core/engine/container-spec.ts';
import { gatewayContainer, versionOfTag } from '../../../src/main/core/gateway/gateway-container.ts';
import { loadGatewayVariables } from '../../../src/main/core/gitlab/eras-catalog.ts';
import { secretFiles } from '../../../src/main/core/site/site-paths.ts';
import { containerSite, image, type SiteChange } from './scene.ts';

const variables = await loadGatewayVariables('resources');
const make = (change: SiteChange = {}, more: { gitlabAddress?: string } = {}) =>
  gatewayContainer(containerSite(change), { image: image(), variables, frontAddress: '172.17.0.1', ...more });

describe("the gateway's container", () => {
  it('has everything that GitLab 18.9 without internet asks for, and nothing that the image brings itself', () => {
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

  it.each([
    ['17.1', [5000], ['AIGW_CUSTOM_MODELS__ENABLED'], ['AIGW_AUTH__BYPASS_EXTERNAL', 'AIGW_CUSTOMER_PORTAL_URL'], 0],
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

  it('is shut in: no capabilities, its own network, bounded by what the site says', () => {
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

  it('knows the front, and GitLab where only the hosts file of the machine does', () => {
    expect(make().spec.extraHosts).toEqual(['sealift-front:172.17.0.1']);
    expect(make({}, { gitlabAddress: '10.1.2.3' }).spec.extraHosts).toContain('gitlab.example:10.1.2.3');
  });

  it('shows the names of its secrets and never a value', () => {
    const { spec } = make();
    const filled = { ...spec, env: { ...spec.env, AIGW_SELF_SIGNED_JWT__SIGNING_KEY: 'marker-value' } };
    expect(JSON.stringify(shownSpec(filled))).not.toContain('marker-value');
    expect(shownSpec(filled).env.AIGW_SELF_SIGNED_JWT__SIGNING_KEY).toBe('[hidden]');
  });

  it.each([
    ['a/b:self-hosted-v18.9.1-ee', { major: 18, minor: 9 }],
    [`a/b:self-hosted-v18.10.0-ee@sha256:${'0'.repeat(64)}`, { major: 18, minor: 10 }],
    ['a/b:gitlab-v17.3.0', { major: 17, minor: 3 }],
    ['a/b:latest', undefined],
    ['self-hosted-v18.9.1-ee/b:1', undefined],
  ])('reads the version of %s', (reference, version) => expect(versionOfTag(reference)).toEqual(version));
});
