import { spawnSync } from 'node:child_process';
import { appendFile, chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { renderRelease } from '../../../src/main/core/kubernetes/render-release.ts';
import type { CorePorts } from '../../../src/main/core/ports.ts';
import { homePaths } from '../../../src/main/core/settings/paths.ts';
import { rotateGatewayKeys } from '../../../src/main/core/sites/rotate-gateway-keys.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import { makeSecret } from '../../../src/main/core/sites/site-secret.ts';
import { shellWord } from '../../../src/shared/shell-word.ts';
import { missing } from '../../needs.ts';
import { runHere } from '../../run-here.ts';
import { makeCertificate } from '../../scenes/certificates.ts';

const image = 'registry.inside.example/model-gateway:self-hosted-v18.9.0-ee';
let folder: string;
let ports: CorePorts;
let chart: string;
let dockerConfig: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-kubernetes-'));
  ports = {
    paths: homePaths(join(folder, 'home')),
    resources: resolve('resources'),
    now: () => new Date(),
  } as unknown as CorePorts;
  chart = join(folder, 'ai-gateway-0.6.1.tgz');
  tar(chart, 'ai-gateway');
  dockerConfig = join(folder, 'docker.json');
  await writeFile(dockerConfig, '{"auths":{}}');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function tar(file: string, what: string, from = 'test/fixtures/charts'): void {
  const { status } = spawnSync('tar', ['-czf', file, '-C', from, what]);
  expect(status).toBe(0);
}

interface Change {
  version?: string;
  gateway?: object;
  caFile?: string;
  gitlabUrl?: string;
  frontHost?: string;
  features?: string[];
  endpoint?: string;
  engine?: string;
  model?: object;
  airGapped?: boolean;
}

async function siteAt(change: Change) {
  const { version = '18.9', gateway, caFile, gitlabUrl = 'https://gitlab.inside.example' } = change;
  const path = join(folder, 'site.yaml');
  const site = {
    sealift: 1,
    name: 'cluster',
    gitlab: { url: gitlabUrl, version },
    gateway: gateway ?? { kind: 'existing', url: 'https://ai.inside.example' },
    model: {
      ...{ engine: change.engine ?? 'external', name: 'm', servedName: 'm' },
      ...(change.engine === undefined && { endpoint: change.endpoint ?? 'http://10.0.0.9:8001/v1' }),
      ...change.model,
    },
    front: { host: change.frontHost ?? '10.0.0.7', port: 8000 },
    ...(caFile && { caFile }),
    ...(change.airGapped !== undefined && { airGapped: change.airGapped }),
    ...(change.features && { features: change.features }),
  };
  await writeFile(path, stringify(site));
  return path;
}

async function render(change: Change = {}, wish: object = {}) {
  const outFolder = join(folder, 'out');
  const asked = { image, chart, namespace: 'ai-gateway', ingressClass: 'nginx', allow: [], outFolder, ...wish };
  return renderRelease(ports, { ...asked, siteFile: await siteAt(change) });
}
const modelServer = { image: 'registry.inside.example/vllm:v0.11.0', weights: { claimGiB: 200 }, gpus: 2 };
const out = (name: string) => readFile(join(folder, 'out', name), 'utf8');
const values = async () => parse(await out('values.yaml'));

describe('the gateway rendered for Kubernetes', () => {
  it("sets what GitLab's page sets: addresses, image, ingress, and the extra environment of its version", async () => {
    await rm(join(folder, 'out'), { recursive: true, force: true });
    const made = await render();
    expect(made).toMatchObject({ host: 'ai.inside.example', chart: { name: 'ai-gateway', version: '0.6.1' } });
    expect(await values()).toMatchObject({
      gitlab: { url: 'https://gitlab.inside.example', apiUrl: 'https://gitlab.inside.example/api/v4/' },
      image: {
        repository: 'registry.inside.example/model-gateway',
        tag: 'self-hosted-v18.9.0-ee',
        pullPolicy: 'Always',
      },
      ingress: {
        enabled: true,
        className: 'nginx',
        hosts: [{ host: 'ai.inside.example', paths: [{ path: '/', pathType: 'ImplementationSpecific' }] }],
        tls: [{ secretName: 'ai-gateway-tls', hosts: ['ai.inside.example'] }],
      },
    });
    const variables = (await values()).extraEnvironmentVariables;
    expect(variables.slice(0, 4).map((one: { value?: string }) => one.value)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(variables).toContainEqual({ name: 'DUO_WORKFLOW_AUTH__ENABLED', value: 'true' });
    expect(variables.map((one: { name: string }) => one.name)).not.toContain('AIGW_GITLAB_URL');
  });

  it.each([
    ['17.3', ['AIGW_AUTH__BYPASS_EXTERNAL', 'AIGW_FASTAPI__API_PORT'], 0],
    ['17.5', ['AIGW_CUSTOMER_PORTAL_URL'], 0],
    ['18.0', ['AIGW_CUSTOMER_PORTAL_URL'], 2],
    ['18.4', ['DUO_WORKFLOW_AUTH__ENABLED'], 4],
  ])('follows GitLab %s', async (version, has, keyCount) => {
    await rm(join(folder, 'out'), { recursive: true, force: true });
    const made = await render({ version });
    const names = (await values()).extraEnvironmentVariables.map((one: { name: string }) => one.name);
    expect(names).toEqual(expect.arrayContaining(has));
    expect(made.files.filter((one) => one.name.startsWith('keys/'))).toHaveLength(keyCount);
    const policy = parse(await out('network-policy.yaml'));
    expect(policy.spec.ingress[0].ports.length).toBe(keyCount === 4 ? 2 : 1);
  });

  it("brings the site's keys, also after they were rotated, and closes the folder to others", async () => {
    await rm(join(folder, 'out'), { recursive: true, force: true });
    const site = sitePaths(ports.paths.sites, 'cluster');
    await rm(site.secrets, { recursive: true, force: true });
    await mkdir(site.secrets, { recursive: true });
    const own = await makeSecret('rsa-2048');
    await writeFile(join(site.secrets, 'aigw_signing.key'), own);
    await render();
    expect(await out('keys/aigw_signing.key')).toBe(own);
    const rotate = () => rotateGatewayKeys(site, { now: new Date(), dropOldKeys: false });
    await rotate();
    await expect(rotate()).rejects.toMatchObject({ code: 'site.keys-not-brought' });
    await render();
    await expect(rotate()).rejects.toMatchObject({ code: 'site.keys-too-young' });
    expect(await out('keys/aigw_signing.key')).not.toBe(own);
    expect(await out('keys/aigw_validation.key')).toBe(own);
    for (const name of await readdir(join(folder, 'out', 'keys')))
      for (const path of [join(folder, 'out', 'keys', name), join(site.secrets, name)]) {
        expect(await readFile(path, 'utf8')).toBe(await out(`keys/${name}`));
        expect((await stat(path)).mode & 0o077).toBe(0);
      }
    expect(await readdir(site.secrets)).toHaveLength(5);
    expect((await stat(join(folder, 'out', 'keys'))).mode & 0o077).toBe(0);
    for (const name of ['values.yaml', 'install.sh']) expect(await out(name)).not.toContain('PRIVATE KEY');
  });

  it('rotates the keys that its version needs, and none while one is damaged', async () => {
    const { secrets } = sitePaths(ports.paths.sites, 'cluster');
    const key = (name: string) => readFile(join(secrets, name), 'utf8');
    const rotate = () =>
      rotateGatewayKeys(sitePaths(ports.paths.sites, 'cluster'), { now: new Date(), dropOldKeys: true });
    await rm(secrets, { recursive: true, force: true });
    await render({ version: '18.0' });
    const first = await key('aigw_signing.key');
    expect((await rotate()).map((one) => one.name)).toEqual(['aigw_signing.key']);
    expect(await key('aigw_validation.key')).toBe(first);

    const second = await key('aigw_signing.key');
    await writeFile(join(secrets, 'duo_workflow_jwt.key'), 'no key');
    await expect(rotate()).rejects.toMatchObject({ code: 'site.secret-damaged' });
    expect([await key('aigw_signing.key'), await key('aigw_validation.key')]).toEqual([second, first]);
    await rm(join(secrets, 'duo_workflow_jwt.key'));
  });

  it('passes on no damaged key', async () => {
    const path = join(sitePaths(ports.paths.sites, 'cluster').secrets, 'aigw_signing.key');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'no key');
    await expect(render()).rejects.toMatchObject({ code: 'site.secret-damaged' });
    await rm(path);
  });

  it('limits what the pods reach to known addresses, and says when they are unknown', async () => {
    const egress = async () => parse(await out('network-policy.yaml')).spec.egress[1];
    expect((await render()).findings.map((one) => one.id)).toEqual(['kubernetes.open-egress']);
    expect(await egress()).toEqual({
      ports: [
        { protocol: 'TCP', port: 443 },
        { protocol: 'TCP', port: 8000 },
      ],
    });
    expect((await render({}, { allow: ['10.0.0.0/24'] })).findings).toEqual([]);
    expect((await egress()).to).toEqual([{ ipBlock: { cidr: '10.0.0.0/24' } }, { ipBlock: { cidr: '10.0.0.7/32' } }]);
    expect((await render({ gitlabUrl: 'https://10.0.0.3' })).findings).toEqual([]);
    expect((await egress()).to).toEqual([{ ipBlock: { cidr: '10.0.0.3/32' } }, { ipBlock: { cidr: '10.0.0.7/32' } }]);
  });

  it('names the platforms for which the policy is open on port 443, also with known addresses', async () => {
    const model = { identifier: 'openai/gpt-5', family: 'GPT', endpointKey: { variable: 'SEALIFT_PLATFORM_KEY' } };
    const platform = { engine: 'cloud', model, airGapped: false, version: '19.2', gitlabUrl: 'https://10.0.0.3' };
    const { findings } = await render(platform, { allow: ['10.0.0.0/24'] });
    expect(findings.find(({ id }) => id === 'kubernetes.open-https')).toMatchObject({
      severity: 'amber',
      title: 'The network policy opens port 443 to every address, for OpenAI',
    });
    expect(parse(await out('network-policy.yaml')).spec.egress[2]).toEqual({ ports: [{ protocol: 'TCP', port: 443 }] });
  });

  it('says that nothing leads to the Agent Platform, unless the chart has its port', async () => {
    const features = ['CODE_COMPLETIONS', 'DUO_AGENT_PLATFORM'];
    const found = async (change: Change, wish: object = {}) =>
      (await render(change, wish)).findings.map(({ id }) => id);
    const known = { gitlabUrl: 'https://10.0.0.3' };
    expect(await found({ ...known, features })).toEqual(['kubernetes.no-agent-port']);
    expect(await found({ ...known, features, version: '18.3' })).toEqual([]);
    expect(await found(known)).toEqual([]);
    const copy = join(folder, 'with-port');
    await cp('test/fixtures/charts', copy, { recursive: true });
    await appendFile(join(copy, 'ai-gateway', 'values.yaml'), 'extraPorts: [{ name: grpc, port: 50052 }]\n');
    const withPort = join(folder, 'with-port.tgz');
    tar(withPort, 'ai-gateway', copy);
    expect(await found({ ...known, features }, { chart: withPort })).toEqual([]);
  });

  it('leaves nothing of an earlier run that this one does not need, and nothing else of the folder out', async () => {
    const given = { tlsCert: join(folder, 'old.crt'), tlsKey: join(folder, 'old.key'), dockerConfig };
    for (const path of [given.tlsCert, given.tlsKey]) await writeFile(path, 'of another name');
    await render({}, { ...given, modelServer });
    await writeFile(join(folder, 'out', 'notes.txt'), 'mine');
    const made = await render({ version: '17.5' });
    const left = await readdir(join(folder, 'out'), { recursive: true });
    expect(left.filter((one) => one !== 'keys').sort()).toEqual(
      ['notes.txt', ...made.files.map(({ name }) => name)].sort(),
    );
    await rm(join(folder, 'out', 'notes.txt'));
  });

  it.each(['0.0.0.0', '::'])('lets the pods reach the front that listens on %s', async (frontHost) => {
    const egress = async () => parse(await out('network-policy.yaml')).spec.egress[1];
    const unknown = await render({ frontHost, gitlabUrl: 'https://10.0.0.3' });
    expect(unknown.findings.map((one) => one.id)).toEqual(['kubernetes.open-egress']);
    expect(await egress()).toEqual({
      ports: [
        { protocol: 'TCP', port: 443 },
        { protocol: 'TCP', port: 8000 },
      ],
    });
    expect((await render({ frontHost }, { allow: ['10.0.0.0/24'] })).findings).toEqual([]);
    expect((await egress()).to).toEqual([{ ipBlock: { cidr: '10.0.0.0/24' } }]);
  });

  it.each([
    ['gitlab.version', { version: '17.2' }, {}],
    ['gateway.kind', { gateway: { kind: 'container', host: '10.0.0.5', image } }, {}],
    ['10.0.0.5', { gateway: { kind: 'existing', host: '10.0.0.5' } }, {}],
    ['front.host', { frontHost: '127.0.0.1' }, {}],
    ['no tag', {}, { image: `registry.inside.example/model-gateway@sha256:${'a'.repeat(64)}` }],
    ['no key', {}, { tlsCert: '/etc/tls.crt' }],
    ['no certificate', {}, { tlsKey: '/etc/tls.key' }],
    ['10.0.0.1/24', {}, { allow: ['10.0.0.1/24'] }],
  ])('is refused with a word on %s', async (word, change, wish) => {
    await expect(render(change, wish)).rejects.toMatchObject({
      code: 'kubernetes.unfit-site',
      message: expect.stringContaining(word),
    });
  });

  it('reads the chart, and names values that it does not have', async () => {
    const other = join(folder, 'other.tgz');
    tar(other, 'ai-gateway/templates');
    await expect(render({}, { chart: other })).rejects.toMatchObject({ code: 'kubernetes.unreadable-chart' });
    await writeFile(other, 'no archive');
    await expect(render({}, { chart: other })).rejects.toMatchObject({ code: 'kubernetes.unreadable-chart' });
    const bare = join(folder, 'bare');
    await mkdir(join(bare, 'c'), { recursive: true });
    await writeFile(join(bare, 'c', 'Chart.yaml'), 'name: c\nversion: 1.0.0\n');
    await writeFile(join(bare, 'c', 'values.yaml'), 'gitlab: {url: ""}\nimage: {repository: "", tag: ""}\n');
    spawnSync('tar', ['-czf', other, '-C', bare, 'c']);
    const made = await render({}, { chart: other });
    expect(made.files).toContainEqual({ name: 'chart.tgz', what: 'the chart c 1.0.0' });
    const found = made.findings.find((one) => one.id === 'kubernetes.chart-fields');
    expect(found?.title).toContain('no gitlab.apiUrl, ingress, extraEnvironmentVariables in');
  });
});

describe('a model server rendered for Kubernetes', () => {
  const documents = async (file = 'model-server.yaml') => {
    const all = parseAllDocuments(await out(file)).map((one) => one.toJS());
    return Object.fromEntries(all.map((one) => [one.kind, one]));
  };

  it('is vLLM without a way out, with its weights on a volume, at the port that the front asks', async () => {
    const { findings } = await render(
      { endpoint: 'http://10.0.0.9:30800/v1' },
      { allow: ['10.0.0.0/24'], modelServer },
    );
    expect(findings.map((one) => one.id)).toEqual(['kubernetes.model-unseen']);
    const { Namespace, Deployment, Service, NetworkPolicy } = await documents();
    expect(Namespace.metadata.name).toBe('ai-gateway-model');
    const pod = Deployment.spec.template.spec;
    const [container] = pod.containers;
    expect(container.args.join(' ')).toContain('--model /model --served-model-name m --host 0.0.0.0 --port 8000');
    expect(container.args.join(' ')).toContain('--tensor-parallel-size 2');
    expect(container.env).toContainEqual({ name: 'HF_HUB_OFFLINE', value: '1' });
    expect(container.resources.limits).toEqual({ 'nvidia.com/gpu': '2' });
    expect(pod).toMatchObject({ enableServiceLinks: false, automountServiceAccountToken: false });
    expect(pod.volumes[0]).toEqual({
      name: 'weights',
      persistentVolumeClaim: { claimName: 'model-weights', readOnly: true },
    });
    expect(Deployment.spec.template.metadata.labels).toEqual(Deployment.spec.selector.matchLabels);
    expect(Service.spec).toMatchObject({
      type: 'NodePort',
      selector: Deployment.spec.selector.matchLabels,
      ports: [{ port: 8000, targetPort: 8000, nodePort: 30800 }],
    });
    expect(NetworkPolicy.spec).toMatchObject({
      egress: [],
      ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.7/32' } }] }],
    });
    const claim = (await documents('model-claim.yaml')).PersistentVolumeClaim;
    expect(claim.spec.resources.requests.storage).toBe('200Gi');
  });

  it('mounts an image with the weights, and takes the port of the endpoint for a balancer', async () => {
    const weights = { image: 'registry.inside.example/models/m:1' };
    await render({}, { modelServer: { ...modelServer, weights, gpus: 0 } });
    const { Deployment, Service } = await documents();
    const { volumes, containers } = Deployment.spec.template.spec;
    expect(volumes[0].image).toEqual({ reference: weights.image, pullPolicy: 'IfNotPresent' });
    expect(containers[0].resources.limits).toEqual({});
    expect(Service.spec).toMatchObject({ type: 'LoadBalancer', ports: [{ port: 8001, targetPort: 8000 }] });
    await expect(out('load-model.sh')).rejects.toThrow('ENOENT');
  });

  it('is refused for a model that this machine serves, and asked for in whole', async () => {
    await expect(render({ engine: 'llamacpp' }, { modelServer })).rejects.toMatchObject({
      code: 'kubernetes.unfit-site',
      message: expect.stringContaining('model.engine'),
    });
    const given = ['kubernetes', 'render', await siteAt({}), '--image', image, '--chart', chart, '--json'];
    for (const more of [
      ['--model-image', 'a:1'],
      ['--model-claim', '5'],
      ['--model-image', 'a:1', '--model-claim', '0'],
    ])
      expect(await runHere('--home', ports.paths.home, ...given, ...more)).toMatchObject({ exitCode: 2 });
  });

  it('is installed before the gateway, once its volume was filled', async () => {
    await render({}, { modelServer, dockerConfig });
    const calls = await installed();
    const order = [
      'get persistentvolumeclaim',
      'model-server.yaml',
      '--namespace ai-gateway-model --dry-run',
      'rollout status',
      'helm upgrade',
    ];
    const at = order.map((word) => calls.findIndex((call) => call.includes(word)));
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(calls.filter((call) => call.includes('dockerconfigjson'))).toHaveLength(2);
  });

  it.each([
    ['weights', 0],
    ['other', 1],
  ])('compares what was copied onto the volume: %s', async (copied, status) => {
    await render({}, { modelServer });
    const [bin, model, volume] = ['bin', 'model', 'volume'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const path of [bin, model]) await mkdir(path, { recursive: true });
    await rm(volume, { recursive: true, force: true });
    await mkdir(volume);
    await writeFile(join(model, 'a file.safetensors'), 'weights');
    // A cluster of one volume: copies to it, and runs there what is to be run in the pod.
    const kubectl = `#!/bin/sh
case "$*" in
  *" cp "*) cp -r "$4" '${volume}' && printf ${copied} >'${volume}/a file.safetensors' ;;
  *" exec "*) for last; do :; done; sh -c "$(echo "$last" | sed 's#/model#${volume}#')" ;;
esac
`;
    await writeFile(join(bin, 'kubectl'), kubectl, { mode: 0o700 });
    const script = join(folder, 'out', 'load-model.sh');
    const env = { PATH: `${bin}:/usr/bin:/bin` };
    const run = spawnSync(script, [model], { env, encoding: 'utf8' });
    expect(run.status, run.stderr).toBe(status);
    expect(run.stdout.includes('complete')).toBe(status === 0);
    expect(spawnSync(script, [], { env }).status).toBe(2);
  });
});

it('the command names the script as a shell takes it', async () => {
  const given = ['kubernetes', 'render', await siteAt({}), '--image', image, '--chart', chart];
  const folderOut = join(folder, "it's out");
  const { stdout, exitCode } = await runHere('--home', ports.paths.home, ...given, '--out', folderOut);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(shellWord(join(folderOut, 'install.sh')));
});

/** Runs the script, with folders of media, where kubectl, helm and sealift only record how they are called. */
async function installed(...media: string[]): Promise<string[]> {
  const bin = join(folder, 'bin');
  const log = join(folder, 'calls');
  await mkdir(bin, { recursive: true });
  await writeFile(log, '');
  for (const name of ['kubectl', 'helm', 'sealift']) {
    const answers = '[ "$1" = version ] && { echo v3.11.0; exit; }';
    await writeFile(join(bin, name), `#!/bin/sh\n${answers}\necho ${name} "$@" >>${log}\n`);
    await chmod(join(bin, name), 0o700);
  }
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  const { status, stderr } = spawnSync(join(folder, 'out', 'install.sh'), media, { env, encoding: 'utf8', cwd: '/' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return (await readFile(log, 'utf8')).trim().split('\n');
}

it.each([
  ['Helm is too old', 'echo v3.9.4', 'needs 3.11'],
  ['Helm is missing', undefined, 'helm is missing'],
  ['the cluster does not answer', 'case "$0" in *kubectl) exit 1 ;; esac; echo v3.22.0', 'cannot ask the cluster'],
])('the script makes nothing where %s', async (_, answer, say) => {
  await rm(join(folder, 'out'), { recursive: true, force: true });
  await render({});
  const bin = join(folder, 'poor-bin');
  const log = join(folder, 'poor-calls');
  await rm(bin, { recursive: true, force: true });
  await mkdir(bin);
  await writeFile(log, '');
  for (const name of answer === undefined ? ['kubectl'] : ['kubectl', 'helm'])
    await writeFile(
      join(bin, name),
      `#!/bin/sh\n[ "$1" = version ] && { ${answer ?? ':'}; exit; }\necho "$@" >>${log}\n`,
      {
        mode: 0o700,
      },
    );
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  const { status, stderr } = spawnSync(join(folder, 'out', 'install.sh'), [], { env, encoding: 'utf8', cwd: '/' });
  expect(status).toBe(1);
  expect(stderr).toContain(say);
  expect(await readFile(log, 'utf8')).toBe('');
});

it('the script makes namespace, secrets, policy and release in that order, asking no other host', async () => {
  await rm(join(folder, 'out'), { recursive: true, force: true });
  const files = { tlsCert: join(folder, "it's.crt"), tlsKey: join(folder, 'own.key'), dockerConfig };
  await writeFile(files.tlsCert, 'a certificate');
  await writeFile(files.tlsKey, 'its key', { mode: 0o644 });
  await render({}, { namespace: 'duo', ...files });
  const calls = await installed();
  const order = [
    'namespace.yaml',
    'secret tls ai-gateway-tls',
    'dockerconfigjson',
    'network-policy.yaml',
    'helm upgrade',
    'wait pod',
  ];
  const at = order.map((word) => calls.findIndex((call) => call.includes(word)));
  expect(at).toEqual([...at].sort((a, b) => a - b));
  expect(at).not.toContain(-1);
  const helm = calls.filter((call) => call.startsWith('helm'));
  expect(helm).toHaveLength(1);
  expect(helm[0]).toContain('--install ai-gateway chart.tgz --namespace duo --values values.yaml');
  expect(helm[0]).toContain('--set-file extraEnvironmentVariables[0].value=keys/aigw_signing.key');
  expect(helm[0]).toContain('--timeout=300s --wait --wait-for-jobs');
  expect(calls.join('\n')).toContain('--cert=tls.crt --key=tls.key');
  expect(calls.join('\n')).toContain('--from-file=.dockerconfigjson=config.json');
  expect(await out('install.sh')).not.toContain(folder);
  for (const [name, content] of [
    ['tls.crt', 'a certificate'],
    ['tls.key', 'its key'],
    ['config.json', '{"auths":{}}'],
  ] as const) {
    expect(await out(name)).toBe(content);
    expect((await stat(join(folder, 'out', name))).mode & 0o777).toBe(0o600);
  }
  expect(calls.join('\n')).not.toMatch(/https?:/);
  expect(calls.filter((call) => call.startsWith('sealift'))).toEqual([]);
});

it("the script pushes the bundle's media into the image's registry first, when it is given them", async () => {
  await render({}, { image: 'registry.inside.example:5000/group/duo/model-gateway:v1' });
  const calls = await installed('/media/stick 1', 'stick2');
  expect(calls[0]).toBe('sealift push registry.inside.example:5000/group/duo /media/stick 1 stick2');
  const authority = await makeCertificate(folder, 'good');
  await writeFile(join(folder, 'ca.pem'), authority.ca);
  await render({ caFile: join(folder, 'ca.pem') });
  const ca = join(folder, 'out', 'ca-certificates.crt');
  expect((await installed('/media/stick1'))[0]).toBe(`sealift push registry.inside.example /media/stick1 --ca ${ca}`);
  await render({}, { image: 'model-gateway:v1' });
  expect((await installed('/media/stick1')).filter((call) => call.startsWith('sealift'))).toEqual([]);
});

const hasKubeconform = () => spawnSync('sh', ['-c', 'command -v kubeconform']).status === 0;

/** What kubeconform says against the schemas next to it, strictly; empty when all is valid. */
function unconforming(manifests: string): string {
  const { stdout: path } = spawnSync('sh', ['-c', 'command -v kubeconform'], { encoding: 'utf8' });
  const schemas = join(dirname(path.trim()), 'schemas', '{{ .ResourceKind }}{{ .KindSuffix }}.json');
  const run = spawnSync('kubeconform', ['-strict', '-schema-location', schemas], {
    input: manifests,
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.status === 0).toBe(run.stdout === '');
  return run.stdout;
}

// To have it: .ci/kubeconform, and the folder that it prints in PATH.
describe.skipIf(missing('kubeconform', hasKubeconform, { mayBeRefused: true }))('the schemas of Kubernetes', () => {
  it.each(['17.3', '18.9'])('accept what is written for GitLab %s', async (version) => {
    await render({ version }, { allow: ['10.0.0.0/24'] });
    for (const name of ['namespace.yaml', 'network-policy.yaml']) expect(unconforming(await out(name))).toBe('');
  });

  it.each([
    ['a claim', { claimGiB: 5, storageClass: 'fast' }],
    ['an image', { image: 'registry.inside.example/models/m:1' }],
  ])('accept a model server with its weights from %s', async (_what, weights) => {
    const { files } = await render({}, { dockerConfig, modelServer: { ...modelServer, weights } });
    const written = files.map((one) => one.name).filter((name) => /^model-.*yaml$/.test(name));
    expect(written).toHaveLength('image' in weights ? 1 : 3);
    for (const name of written) expect(unconforming(await out(name))).toBe('');
  });

  it('accept no field that Kubernetes does not know', async () => {
    await render();
    const policy = parse(await out('network-policy.yaml'));
    policy.spec.egres = policy.spec.egress;
    expect(unconforming(stringify(policy))).toContain('egres');
  });
});

// To have it: GOFLAGS=-mod=mod go install helm.sh/helm/v3/cmd/helm@v3.22.0, and ~/go/bin in PATH.
describe.skipIf(missing('helm', undefined, { mayBeRefused: true }))('real Helm', () => {
  it.each(['17.3', '17.5', '18.0', '18.9'])('accepts and renders what is written for GitLab %s', async (version) => {
    await rm(join(folder, 'out'), { recursive: true, force: true });
    const authority = await makeCertificate(folder, 'good');
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, authority.ca);
    await render({ version, caFile }, { dockerConfig });
    const script = await out('install.sh');
    const given = script.slice(script.indexOf('helm upgrade')).split('--timeout')[0] ?? '';
    const run = (command: string) =>
      spawnSync('sh', ['-c', `namespace=duo; ${command}`], { cwd: join(folder, 'out'), encoding: 'utf8' });
    const lint = run(given.replace('helm upgrade --install ai-gateway', 'helm lint --strict').replace(/\\\n\s*$/, ''));
    expect(`${lint.stdout}${lint.stderr}`).toContain('0 chart(s) failed');
    const template = run(given.replace('helm upgrade --install', 'helm template').replace(/\\\n\s*$/, ''));
    expect(template.stderr).toBe('');
    if (hasKubeconform()) expect(unconforming(template.stdout)).toBe('');
    const made = parseAllDocuments(template.stdout).map((one) => one.toJS());
    expect(made.map((one) => one.kind).sort()).toEqual(['Deployment', 'Ingress', 'Service']);
    const pod = made.find((one) => one.kind === 'Deployment').spec.template.spec;
    const env = Object.fromEntries(
      pod.containers[0].env.map((one: { name: string; value: string }) => [one.name, one.value]),
    );
    expect(env.AIGW_GITLAB_URL).toBe('https://gitlab.inside.example');
    expect(env.SSL_CERT_FILE).toBe('/etc/sealift/ca-certificates.crt');
    if (version.startsWith('18'))
      expect(env.AIGW_SELF_SIGNED_JWT__SIGNING_KEY).toBe(await out('keys/aigw_signing.key'));
    expect(pod.imagePullSecrets).toEqual([{ name: 'ai-gateway-registry' }]);
    expect(pod.containers[0].volumeMounts[0].mountPath).toBe('/etc/sealift');
    const ingress = made.find((one) => one.kind === 'Ingress').spec;
    expect(ingress.rules[0].host).toBe('ai.inside.example');
    expect(ingress.tls[0].secretName).toBe('ai-gateway-tls');
  });
});
