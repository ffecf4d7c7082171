import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWithin, parseGitlabVersion } from '../../../src/main/core/catalog/gitlab-version.ts';
import type { Engine } from '../../../src/main/core/engine/connect-engine.ts';
import { type ContainerSpec, createOptions } from '../../../src/main/core/engine/container-spec.ts';
import { chainFlows } from '../../../src/main/core/gitlab/chain-flows.ts';
import { loadEras, loadGatewayVariables } from '../../../src/main/core/gitlab/eras-catalog.ts';
import { planSettings } from '../../../src/main/core/gitlab/plan-settings.ts';
import { readablePlatformKeys, readPlatformKeys, unlistedPlatforms } from '../../../src/main/core/gitlab/platforms.ts';
import { leftModels, wantedSettings } from '../../../src/main/core/gitlab/wanted-settings.ts';
import type { ProbeContext } from '../../../src/main/core/probe/hop.ts';
import { hops } from '../../../src/main/core/probe/hops.ts';
import { agentContextFindings } from '../../../src/main/core/serving/agent-platform.ts';
import { fillSecrets } from '../../../src/main/core/site/containers/fill-secrets.ts';
import { gatewayContainer } from '../../../src/main/core/site/containers/gateway-container.ts';
import { plannedDetail } from '../../../src/main/core/site/deploy/deployed-containers.ts';
import { containerChanges } from '../../../src/main/core/site/status/container-status.ts';
import { readSiteStatus } from '../../../src/main/core/site/status/site-status.ts';
import { deployedFile } from '../../../src/main/core/sites/model-users.ts';
import { namedHosts, networkReach } from '../../../src/main/core/sites/network-reach.ts';
import { openSite } from '../../../src/main/core/sites/open-site.ts';
import { outsideFindings } from '../../../src/main/core/sites/outside-findings.ts';
import { parseSiteFile } from '../../../src/main/core/sites/read-site-file.ts';
import { refuseOutside } from '../../../src/main/core/sites/refuse-outside.ts';
import { siteEndpoints } from '../../../src/main/core/sites/site-endpoints.ts';
import { sitePaths, upgradeFiles } from '../../../src/main/core/sites/site-paths.ts';
import { keptSiteFiles } from '../../../src/main/core/sites/upgrade-record.ts';
import { upgradeTarget } from '../../../src/main/core/upgrade/upgrade-target.ts';
import { cloudPlatforms } from '../../../src/shared/cloud-platforms.ts';
import { modelSites } from '../../../src/shared/model-sites.ts';
import type { SiteFile } from '../../../src/shared/site-file.ts';
import { gatewayReference, image } from '../../scenes/container-site.ts';
import { testPorts } from '../../scenes/site-scene.ts';

const catalog = await loadEras('resources');
const variables = await loadGatewayVariables('resources');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-'));
  await writeFile(join(folder, 'id'), 'AKIAEXAMPLE\n');
  await writeFile(join(folder, 'secret'), 'aws-very-secret\n');
});
afterAll(() => rm(folder, { recursive: true }));

const aws = () => ({
  region: 'eu-central-1',
  accessKeyId: { file: join(folder, 'id') },
  secretAccessKey: { file: join(folder, 'secret') },
});
const google = { project: 'code-1', location: 'europe-west1', credentialsFile: '/etc/google.json' };
const key = { endpointKey: { variable: 'SEALIFT_PLATFORM_KEY' } };

/** A model of each platform as a site file names it, and what its site needs besides. */
const models: Record<string, { identifier: string; endpoint?: string; endpointKey?: object }> = {
  bedrock: { identifier: 'bedrock/apac.anthropic.claude-sonnet-4-20250514-v1:0' },
  azure: { identifier: 'azure/gpt-4o', endpoint: 'https://code.openai.azure.com', ...key },
  vertex_ai: { identifier: 'vertex_ai/claude-sonnet-4-6@default' },
  anthropic: { identifier: 'anthropic/claude-opus-4-6', ...key },
  openai: { identifier: 'openai/gpt-5', ...key },
};

function cloudText(id: string, version = '19.2', change: Record<string, unknown> = {}): string {
  const { gateway = {}, model = {}, ...more } = change as Record<string, object>;
  return JSON.stringify({
    sealift: 1,
    name: 'hybrid',
    airGapped: false,
    gitlab: { url: 'https://gitlab.example', version },
    gateway: {
      kind: 'container',
      host: '10.0.0.5',
      image: gatewayReference,
      ...(id === 'bedrock' && { aws: aws() }),
      ...(id === 'vertex_ai' && { google }),
      ...gateway,
    },
    ...(!('models' in more) && {
      model: { engine: 'cloud', name: 'big', servedName: 'big', family: 'CLAUDE_3', ...models[id], ...model },
    }),
    ...more,
  });
}

const mark = { site: 'hybrid', owner: 'owner' };

/** An engine in which a container of that specification has that name. */
function engineWith(spec: ContainerSpec, name: string): Engine {
  const { Env, Labels, HostConfig } = createOptions(spec, mark.owner);
  const inspect = async () => ({
    ...{ Id: 'c', Name: `/${name}`, Image: spec.imageId, Config: { Env, Labels }, HostConfig },
    NetworkSettings: { Networks: Object.fromEntries(spec.networks.map((one) => [one.name, {}])) },
    State: { Running: true, Paused: false },
  });
  const docker = { listContainers: async () => [{ Id: 'c' }], getContainer: () => ({ inspect }) };
  return { docker, info: {}, address: 'unix:///none' } as unknown as Engine;
}

function cloudSite(...given: Parameters<typeof cloudText>): SiteFile {
  const site = parseSiteFile(cloudText(...given), 'site.yaml');
  refuseOutside(site, 'site.yaml');
  return site;
}

describe('a model of a platform on the internet', () => {
  it.each([
    ['bedrock', 'http://bedrockselfhostedmodel.com', undefined],
    ['azure', 'https://code.openai.azure.com', 'the-key'],
    ['vertex_ai', 'https://aiplatform.googleapis.com', undefined],
    ['anthropic', 'https://api.anthropic.com', 'the-key'],
    ['openai', 'https://api.openai.com/v1', 'the-key'],
  ])(
    'of %s gets its own identifier, endpoint and key in GitLab, and never the key of the front',
    (id, endpoint, apiToken) => {
      const platformKeys: Record<string, string> = apiToken ? { big: apiToken } : {};
      const [wanted] = wantedSettings(cloudSite(id), [], { apiToken: 'key-of-the-front', platformKeys }).models;
      expect(wanted).toEqual({
        name: 'hybrid-big',
        model: 'CLAUDE_3',
        endpoint,
        identifier: models[id]?.identifier,
        features: ['CODE_COMPLETIONS', 'CODE_GENERATIONS'],
        apiToken: apiToken ?? '',
      });
    },
  );

  it.each([
    ['bedrock', '17.4', 'refused'],
    ['bedrock', '17.5', 'listed'],
    ['bedrock', '18.9', 'listed'],
    ['azure', '17.5', 'listed'],
    ['azure', '19.5', 'listed'],
    ['vertex_ai', '18.11', 'not listed'],
    ['vertex_ai', '19.2', 'listed'],
    ['anthropic', '18.9', 'not listed'],
    ['anthropic', '19.0', 'listed'],
    ['openai', '17.9', 'not listed'],
    ['openai', '19.2', 'listed'],
  ])('of %s with GitLab %s is %s', (id, version, expected) => {
    if (expected === 'refused') {
      expect(() => cloudSite(id, version)).toThrow(/model.engine.*GitLab 17.5 or later/s);
      return;
    }
    const site = cloudSite(id, version);
    expect(unlistedPlatforms(catalog, site, parseGitlabVersion(version)).length).toBe(expected === 'listed' ? 0 : 1);
    const plan = planSettings(catalog, variables, { version: parseGitlabVersion(version), site });
    const notes = plan.notes.map((note) => note.id);
    expect(notes).toContain('leaves-network');
    expect(notes.includes('platform-too-new')).toBe(expected === 'not listed');
    // GitLab has a placeholder for these, and its own check asks it.
    const ofPlatform = plan.notes.filter((note) => note.id === 'platform').map((note) => note.text);
    expect(ofPlatform.join(' ').includes('Rake task')).toBe(['bedrock', 'vertex_ai'].includes(id));
    expect(plan.steps.find((one) => one.id === 'verify-rake')?.expected).toContain(
      'false alarms described in the notes',
    );
    const step = plan.steps.find((one) => /^model-(ui|graphql|ui-17-5)$/.test(one.id));
    expect(step?.how.join('\n')).toContain(models[id]?.identifier);
    expect(step?.how.join('\n')).not.toMatch(/sealift-front|front-api-key|<\w+>/);
  });

  it.each([
    ['bedrock', '17.8', ['AWS_ACCESS_KEY_ID', 'AWS_REGION', 'AWS_REGION_NAME', 'AWS_SECRET_ACCESS_KEY']],
    ['bedrock', '18.9', ['AWS_ACCESS_KEY_ID', 'AWS_REGION', 'AWS_REGION_NAME', 'AWS_SECRET_ACCESS_KEY']],
    ['bedrock', '19.2', ['AWS_ACCESS_KEY_ID', 'AWS_REGION', 'AWS_SECRET_ACCESS_KEY']],
    ['azure', '19.2', []],
    ['vertex_ai', '19.2', ['GOOGLE_APPLICATION_CREDENTIALS', 'VERTEXAI_LOCATION', 'VERTEXAI_PROJECT']],
    ['anthropic', '19.2', []],
    ['openai', '19.2', []],
  ])('of %s gives the gateway of GitLab %s its variables, the secret ones hidden', async (id, version, names) => {
    const planned = gatewayContainer(cloudSite(id, version), { image: image(), variables, frontAddress: '172.17.0.1' });
    const all = [...Object.keys(planned.spec.env), ...Object.keys(planned.secrets)];
    expect(all.filter((name) => /^(AWS|GOOGLE|VERTEX|AZURE|ANTHROPIC|OPENAI)/.test(name)).sort()).toEqual(names);
    const shown = JSON.stringify([planned, plannedDetail(planned)]);
    expect(shown).not.toMatch(/AKIAEXAMPLE|very-secret/);
  });

  it('reads the keys for AWS only when the container is made', async () => {
    const site = cloudSite('bedrock');
    const planned = gatewayContainer(site, { image: image(), variables, frontAddress: '172.17.0.1' });
    const own = {
      AWS_ACCESS_KEY_ID: planned.secrets.AWS_ACCESS_KEY_ID ?? '',
      AWS_SECRET_ACCESS_KEY: planned.secrets.AWS_SECRET_ACCESS_KEY ?? '',
    };
    const filled = await fillSecrets({ ...planned, secrets: own }, sitePaths(folder, 'hybrid'));
    expect(filled?.env).toMatchObject({ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'aws-very-secret' });
    await rm(join(folder, 'secret'));
    const filling = fillSecrets({ ...planned, secrets: own }, sitePaths(folder, 'hybrid'));
    await expect(filling).rejects.toMatchObject({ code: 'file.missing' });
    await writeFile(join(folder, 'secret'), 'aws-very-secret\n');
    const unset = { ...aws(), secretAccessKey: { variable: 'SEALIFT_UNSET_KEY' } };
    const other = gatewayContainer(cloudSite('bedrock', '19.2', { gateway: { aws: unset } }), {
      ...{ image: image(), variables, frontAddress: '172.17.0.1' },
    });
    const { AWS_SECRET_ACCESS_KEY: secret = '' } = other.secrets;
    const lacking = fillSecrets({ ...other, secrets: { AWS_SECRET_ACCESS_KEY: secret } }, sitePaths(folder, 'hybrid'));
    await expect(lacking).rejects.toThrow(/gateway\.aws\.secretAccessKey.*SEALIFT_UNSET_KEY/);
  });

  it('has a container that did not change for a person who cannot read its keys', async () => {
    const paths = sitePaths(folder, 'hybrid');
    const planned = gatewayContainer(cloudSite('bedrock', '17.8'), {
      image: image(),
      variables,
      frontAddress: '10.0.0.1',
    });
    const spec = await fillSecrets(planned, paths);
    if (!spec) throw new Error('this version needs no secrets of the site');
    const changes = (name: string) => containerChanges({ engine: engineWith(spec, name), mark }, planned, paths);
    expect(await changes(spec.name)).toEqual([]);
    await writeFile(join(folder, 'secret'), 'another\n');
    expect(await changes(spec.name)).toEqual(['its key changed']);
    await rm(join(folder, 'secret'));
    expect(await changes(spec.name)).toEqual([]);
    expect(await changes('other')).toEqual(['it was renamed to other']);
    await writeFile(join(folder, 'secret'), 'aws-very-secret\n');
  });

  it('has no hop that needs a key which cannot be read here, and keeps the others', async () => {
    const beside = { ...models.anthropic, engine: 'cloud', name: 'small', servedName: 'small', family: 'CLAUDE_3' };
    const readable = { ...beside, endpointKey: { file: join(folder, 'id') }, features: ['CODE_GENERATIONS'] };
    const big = { engine: 'cloud', name: 'big', servedName: 'big', ...models.openai, features: ['CODE_COMPLETIONS'] };
    const site = cloudSite('openai', '19.2', { models: [big, readable] });
    const platformKeys = await readablePlatformKeys(site);
    expect(platformKeys).toEqual({ small: 'AKIAEXAMPLE' });
    await expect(readPlatformKeys(site)).rejects.toMatchObject({ code: 'serving.upstream-key-unset' });
    const hop = hops.find((one) => one.hop === 'gateway-prompt-check');
    const reasons = modelSites(site).map((of) => {
      const context = { site, of, platformKeys, endpoints: siteEndpoints(site), gatewaySigningKey: 'key' };
      return hop?.reasonToLeaveOut?.(context as unknown as ProbeContext);
    });
    expect(reasons).toEqual([
      'the key of big for OpenAI cannot be read here (the variable SEALIFT_PLATFORM_KEY)',
      undefined,
    ]);
  });

  it.each(cloudPlatforms.map(({ id, title, domain }) => [id, title, domain]))(
    'of %s is refused for an air-gapped site',
    (id, title, domain) => {
      expect(() => cloudSite(id, '19.2', { airGapped: undefined })).toThrow(
        expect.objectContaining({ code: 'site.leaves-network', message: expect.stringContaining(title) }),
      );
      const site = cloudSite(id);
      expect(networkReach(namedHosts(site))).toBe('outside');
      expect(namedHosts(site).join(' ')).toContain(domain);
      expect(outsideFindings(site).map((one) => one.title)).toEqual([
        expect.stringContaining(`LEAVES YOUR NETWORK: prompts and code for big go to ${title}`),
      ]);
      const flows = chainFlows(site);
      expect(flows.map((one) => one.id)).toEqual(['cloud-big', 'authentication', 'gitlab-com']);
      expect(flows[0]?.messages.flatMap((one) => [one.from, one.to])).not.toContain('front');
    },
  );

  it('is named by the status of a deployed site, as by its plan', async () => {
    const home = join(folder, 'home');
    const ports = testPorts(home);
    const paths = sitePaths(ports.paths.sites, 'hybrid');
    const gateway = { kind: 'existing', image: undefined };
    await mkdir(paths.folder, { recursive: true });
    await writeFile(paths.siteFile, cloudText('openai', '19.2', { gateway }));
    const { findings } = await readSiteStatus(ports, paths);
    const named = findings.filter(({ id }) => id === 'site.leaves-network');
    expect(named).toEqual(outsideFindings(cloudSite('openai', '19.2', { gateway })));
    expect(named).toMatchObject([{ severity: 'amber' }]);
  });

  it('has rows in the catalogue that name the platforms of the product, and the other way round', () => {
    const known = cloudPlatforms.map(({ id }) => id).sort();
    expect(catalog.platforms.map(({ id }) => id).sort()).toEqual(known);
    const named = variables.variables.flatMap(({ platform }) => platform ?? []);
    expect([...new Set(named)].filter((one) => !known.includes(one))).toEqual([]);
  });

  it('beside a model of the site leaves that one as it is', () => {
    const own = {
      engine: 'external',
      name: 'm',
      servedName: 'own',
      endpoint: 'http://10.0.0.7:8000/v1',
      features: ['CODE_COMPLETIONS'],
    };
    const cloud = {
      engine: 'cloud',
      name: 'big',
      servedName: 'big',
      ...models.bedrock,
      features: ['DUO_AGENT_PLATFORM'],
    };
    const site = cloudSite('bedrock', '19.2', { models: [own, cloud] });
    const wanted = wantedSettings(site, [], { apiToken: 'front' });
    expect(wanted.models.map(({ endpoint, apiToken }) => [endpoint, apiToken])).toEqual([
      ['http://sealift-front:8000/v1', 'front'],
      ['http://bedrockselfhostedmodel.com', ''],
    ]);
    const others = {
      id: '1',
      name: 'other',
      model: 'claude_3',
      endpoint: 'http://bedrockselfhostedmodel.com',
      identifier: 'bedrock/x',
      hasApiToken: false,
    };
    expect(leftModels(wanted, [others])).toEqual([]);
    expect(modelSites(site).flatMap(agentContextFindings)).toEqual([]);
    expect(chainFlows(site).map((one) => one.id)).toEqual([
      'own',
      'cloud-big',
      'authentication',
      'agent-platform',
      'gitlab-com',
    ]);
  });
});

describe('a site file with a model on the internet', () => {
  it.each<[string, string, object, RegExp]>([
    ['without a platform', 'bedrock', { model: { identifier: undefined } }, /model.identifier.*bedrock\//s],
    ['with another word before the model', 'bedrock', { model: { identifier: 'mistralai/x' } }, /model.identifier/],
    [
      'with an endpoint that the gateway ignores',
      'bedrock',
      { model: { endpoint: 'https://x.example' } },
      /model.endpoint.*remove it/s,
    ],
    ['without a key', 'openai', { model: { endpointKey: undefined } }, /model.endpointKey.*required for OpenAI/s],
    [
      'without the address of its resource',
      'azure',
      { model: { endpoint: undefined } },
      /model.endpoint.*required for Azure/s,
    ],
    ['without a region', 'bedrock', { gateway: { aws: undefined } }, /gateway.aws.*required for AWS Bedrock/s],
    ['without a project', 'vertex_ai', { gateway: { google: undefined } }, /gateway.google.*required for Google/s],
    ['with access that it does not need', 'openai', { gateway: { google } }, /gateway.google.*remove it/s],
    [
      'with one of two keys',
      'bedrock',
      { gateway: { aws: { region: 'eu-west-1', accessKeyId: { file: '/k' } } } },
      /gateway.aws.secretAccessKey/,
    ],
  ])('is refused %s', (_what, id, change, said) => {
    expect(() => cloudSite(id, '19.2', change as Record<string, unknown>)).toThrow(said);
  });

  it.each([
    ['17.8', 'runtimeEndpoint', 'AWS_BEDROCK_RUNTIME_ENDPOINT', /runtimeEndpoint.*18\.0 does/s],
    ['18.0', 'runtimeEndpoint', 'AWS_BEDROCK_RUNTIME_ENDPOINT', undefined],
    ['17.8', 'apiKey', 'AWS_BEARER_TOKEN_BEDROCK', /apiKey.*19\.0 does.*accessKeyId and secretAccessKey/s],
    ['18.11', 'apiKey', 'AWS_BEARER_TOKEN_BEDROCK', /apiKey.*19\.0 does.*accessKeyId and secretAccessKey/s],
    ['19.0', 'apiKey', 'AWS_BEARER_TOKEN_BEDROCK', undefined],
  ])('with GitLab %s has gateway.aws.%s only where the gateway knows %s', (version, field, name, refused) => {
    const value = field === 'apiKey' ? { file: join(folder, 'id') } : 'https://vpce-1.bedrock-runtime.example';
    const open = () => cloudSite('bedrock', version, { gateway: { aws: { region: 'eu-central-1', [field]: value } } });
    const row = variables.variables.find((one) => one.name === name);
    expect(isWithin(parseGitlabVersion(version), { from: row?.from })).toBe(refused === undefined);
    if (refused) expect(open).toThrow(refused);
    else expect(open().gateway.aws).toHaveProperty(field);
  });

  it.each([
    ['api.openai.com', 'https://api.openai.com/v1', 'site.leaves-network'],
    ['a Bedrock endpoint', 'https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1', 'site.leaves-network'],
  ])('is refused for an air-gapped site also as an external server at %s', (_what, endpoint, code) => {
    const change = {
      model: { engine: 'external', identifier: undefined, endpointKey: undefined, endpoint },
      airGapped: undefined,
    };
    expect(() => cloudSite('openai', '19.2', change)).toThrow(expect.objectContaining({ code }));
    expect(cloudSite('openai', '19.2', { ...change, airGapped: false }).model?.endpoint).toBe(endpoint);
  });

  it('says that prompts leave the network also for an external server there, which the front asks', () => {
    const external = (servedName: string, host: string, feature: string) => ({
      ...{ engine: 'external', name: servedName, servedName, endpoint: `https://${host}/v1`, features: [feature] },
    });
    const inside = external('own', '10.0.0.7', 'DUO_AGENT_PLATFORM');
    const models = [external('big', 'api.openai.com', 'CODE_COMPLETIONS'), inside];
    const site = cloudSite('openai', '19.2', { models });
    expect(outsideFindings(site)).toMatchObject([
      {
        id: 'site.leaves-network',
        title: 'LEAVES YOUR NETWORK: prompts and code for big go to api.openai.com',
        consequence: expect.not.stringMatching(/not measured|gateway needs/),
      },
    ]);
    const [own] = chainFlows(site);
    expect(own).toMatchObject({ id: 'own', leavesNetwork: true });
    expect(own?.title).toMatch(/for big LEAVE YOUR NETWORK for api\.openai\.com$/);
    const insideOnly = cloudSite('openai', '19.2', { models: [{ ...inside, features: ['CODE_COMPLETIONS'] }] });
    expect(outsideFindings(insideOnly)).toEqual([]);
    expect(chainFlows(insideOnly)[0]).toMatchObject({ id: 'own', leavesNetwork: false });
  });

  it('deployed by a version that did not refuse it is still read, and can be corrected', async () => {
    const sites = join(folder, 'sites');
    const paths = sitePaths(sites, 'hybrid');
    const model = { engine: 'external', identifier: undefined, endpointKey: undefined };
    const inside = { ...model, endpoint: 'http://10.0.0.7:8000/v1' };
    const outside = { ...model, endpoint: 'http://internal-models.elb.eu-central-1.amazonaws.com/v1' };
    const text = cloudText('openai', '19.2', { airGapped: true, model: outside });
    const own = join(folder, 'own.yaml');
    const corrected = join(folder, 'corrected.yaml');
    await mkdir(paths.previous, { recursive: true });
    for (const file of [own, paths.siteFile, join(paths.previous, upgradeFiles.old)]) await writeFile(file, text);
    await writeFile(corrected, cloudText('openai', '19.2', { airGapped: true, model: inside }));

    expect((await deployedFile(paths))?.name).toBe('hybrid');
    expect(await keptSiteFiles(paths)).toHaveLength(1);
    await expect(openSite(sites, paths.siteFile)).resolves.toMatchObject({ text });
    await expect(openSite(sites, own, text)).resolves.toMatchObject({ text });
    await expect(openSite(sites, corrected)).resolves.toMatchObject({ paths });
    const refused = expect.objectContaining({ code: 'site.leaves-network' });
    await expect(openSite(sites, own)).rejects.toEqual(refused);
    const target = (siteFile: string) =>
      upgradeTarget({ store: folder, lock: join(folder, 'lock') }, paths, { siteFile });
    await expect(target(own)).rejects.toEqual(refused);
    await expect(target(corrected)).resolves.toMatchObject({ siteFile: corrected });
  });

  it("is refused with GitLab.com's gateway, which asks none of its models", () => {
    const gateway = { kind: 'existing', host: undefined, image: undefined, url: 'https://cloud.gitlab.com/ai' };
    for (const airGapped of [false, true])
      expect(() => cloudSite('openai', '19.2', { gateway, airGapped })).toThrow(
        expect.objectContaining({ code: 'site.gitlab-com-gateway' }),
      );
  });
});
