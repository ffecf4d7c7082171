import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type ForkedProcess, forkWorker } from '../../../src/main/core/processes/fork.ts';
import { type PartConfig, partContract } from '../../../src/main/core/serving/parts/parts.ts';
import { secretFiles, sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import { connect } from '../../../src/shared/rpc/connect.ts';
import { fakeSentence } from '../../fakes/openai-server.ts';
import { missing } from '../../needs.ts';
import { runHereWith } from '../../run-here.ts';
import { startSealift } from '../../run-sealift.ts';
import { type CertificateName, makeCertificate } from '../../scenes/certificates.ts';
import { openStage, type SiteStage } from '../../scenes/site-stage.ts';

// Both stand-ins run as the processes that a deployed site runs.
let stage: SiteStage;
const processes: ForkedProcess[] = [];
/** A site file that calls the same GitLab a real one. */
let realSite: string;
beforeAll(async () => {
  stage = await openStage();
  await Promise.all([stage.gitlab.stop(), stage.gateway.stop()]);
  const { secrets, standIns } = sitePaths(join(stage.home, 'sites'), 'rehearsal');
  const host = '127.0.0.1';
  realSite = join(stage.home, 'real.yaml');
  const gitlab = { ...stage.site.gitlab, simulated: false };
  await writeFile(realSite, stringify({ ...stage.site, gitlab, gateway: { ...stage.site.gateway, kind: 'existing' } }));
  await startPart({
    kind: 'simulated-gitlab',
    name: 'gitlab',
    host,
    port: stage.gitlab.port,
    version: '18.9.1',
    stateFile: join(standIns, 'gitlab.json'),
    adminTokenFile: join(secrets, secretFiles.simulatedGitlabToken),
  });
  await startPart({
    kind: 'simulated-gateway',
    name: 'gateway',
    host,
    port: stage.gateway.port,
    gitlabUrl: stage.gitlab.url,
    signingKeyFile: join(secrets, secretFiles.gatewaySigning),
    validationKeyFile: join(secrets, secretFiles.gatewayValidation),
  });
});
afterAll(async () => {
  for (const one of processes) one.kill('SIGKILL');
  await stage.close();
});

async function startPart(config: PartConfig): Promise<void> {
  const log = await open(join(stage.home, `${config.name}.log`), 'a');
  const child = forkWorker(resolve(`out/main/part-${config.kind}.js`), { logFd: log.fd });
  await log.close();
  processes.push(child);
  const client = connect(partContract, child.pipe, config.name);
  const { address, version } = await client.part.start({ config });
  expect(version).toContain('SIMULATED');
  expect(address.port).toBe('port' in config ? config.port : 0);
  expect((await client.part.measure({})).measured).toHaveProperty('requests');
}

interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

async function sealift(args: string[], env: Record<string, string> = {}): Promise<Run> {
  const { exitCode, stdout, stderr } = await runHereWith({ SEALIFT_HOME: stage.home, ...env }, ...args);
  return { code: exitCode ?? Number.NaN, stdout, stderr };
}

/** As a process of its own, for what it reads of its environment when it starts. */
function started(args: string[], env: Record<string, string>) {
  return startSealift(args, { env: { ...process.env, SEALIFT_HOME: stage.home, ...env } }).ended;
}

const data = (run: { stdout: string }) => JSON.parse(run.stdout).data;

describe('command line', () => {
  it('sets up GitLab and probes, in order', async () => {
    const site = stage.siteFilePath;
    const before = await sealift(['gitlab', 'check', site, '--json']);
    expect([before.code, data(before).applied.every((one: { state: string }) => one.state === 'differs')]).toEqual([
      1,
      true,
    ]);

    const step = (id: string) => sealift(['gitlab', 'check', site, '--step', id]);
    const open = await step('gateway-url-graphql');
    expect([open.code, open.stdout]).toEqual([
      1,
      expect.stringMatching(
        /^■ not done {2}SIMULATED Set the gateway's address in GitLab\n {2}AI Gateway URL: not set, expected http/,
      ),
    ]);

    const red = await sealift(['probe', site, '--json']);
    expect([red.code, data(red).firstRed, data(red).causes[0].id]).toEqual([1, 'gitlab-connection-check', 'P7']);

    const apply = await sealift(['gitlab', 'apply', site]);
    expect(apply.code).toBe(0);
    const lines = apply.stdout.trim().split('\n');
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.every((line) => line.includes('SIMULATED'))).toBe(true);

    const steps = apply.stderr.trim().split('\n');
    expect(steps.length).toBeGreaterThan(4);
    expect(steps.every((line) => line.includes('SIMULATED'))).toBe(true);

    const again = await sealift(['gitlab', 'apply', site, '--json']);
    expect(data(again)).toMatchObject({ simulated: true, gitlabVersion: '18.9.1' });
    expect(data(again).applied.every((one: { state: string }) => one.state === 'kept')).toBe(true);
    expect((await sealift(['gitlab', 'check', site])).code).toBe(0);
    const done = await step('gateway-url-graphql');
    expect([done.code, done.stdout]).toEqual([0, "● done  SIMULATED Set the gateway's address in GitLab\n"]);
    const plan = (await sealift(['gitlab', 'plan', site])).stdout;
    const [, number = ''] = /^(\d+)\. .*\(gateway-url-graphql\)$/m.exec(plan) ?? [];
    expect((await step(number)).stdout).toBe(done.stdout);

    const probe = await sealift(['probe', site, '--json']);
    expect(probe.code).toBe(0);
    expect(data(probe).hops.map((one: { ok: boolean }) => one.ok)).toEqual([true, true, true, true, true]);
    const human = await sealift(['probe', site]);
    const shown = human.stdout.split('\n').filter((line) => /GitLab|Gateway/.test(line));
    expect(shown.every((line) => line.includes('SIMULATED'))).toBe(true);
    expect(human.stdout).toContain(fakeSentence);

    for (const name of ['gitlab.json', 'probe.json']) {
      const text = await readFile(join(stage.home, 'sites/rehearsal/evidence', name), 'utf8');
      expect(JSON.parse(text)).toMatchObject({ simulated: true, site: 'rehearsal' });
      for (const secret of [stage.apiKey, stage.adminToken]) expect(text).not.toContain(secret);
    }
    const printed = [before, red, apply, again, probe, human].map((run) => run.stdout + run.stderr).join('');
    for (const secret of [stage.apiKey, stage.adminToken]) expect(printed).not.toContain(secret);
  });

  it('shows what a probe and a check found although it cannot be kept, and says why', async () => {
    const own = await openStage();
    const evidence = join(own.home, 'sites/rehearsal/evidence');
    for (const name of ['gitlab.json', 'probe.json'])
      await mkdir(join(evidence, name, 'in-the-way'), { recursive: true });
    const run = (...args: string[]) => sealift([...args, own.siteFilePath], { SEALIFT_HOME: own.home });
    await run('gitlab', 'apply');
    const checked = await run('gitlab', 'check');
    expect([checked.code, checked.stdout]).toEqual([
      0,
      expect.stringContaining('▲ SIMULATED This result was not kept in'),
    ]);
    expect(checked.stdout).toContain('(already correct)');
    const probed = await run('probe', '--json');
    expect(probed.code, probed.stdout).toBe(0);
    expect(data(probed).hops.map((one: { ok: boolean }) => one.ok)).toEqual([true, true, true, true, true]);
    const notKept = {
      id: 'evidence.not-kept',
      severity: 'amber',
      title: expect.stringContaining(join(evidence, 'probe.json')),
    };
    expect(data(probed).findings).toContainEqual(expect.objectContaining(notKept));
    await own.close();
  });

  it('puts back what apply changed, first only as a plan, and drops the evidence of it', async () => {
    const own = await openStage();
    const run = (...args: string[]) => sealift(['gitlab', ...args, own.siteFilePath], { SEALIFT_HOME: own.home });
    await run('apply');
    const evidence = join(own.home, 'sites/rehearsal/evidence/gitlab.json');
    const planned = await run('undo', '--plan');
    expect([planned.code, planned.stdout]).toEqual([0, expect.stringContaining('(would be put back)')]);
    await readFile(evidence);
    const undone = await run('undo');
    expect([undone.code, undone.stdout]).toEqual([
      0,
      expect.stringContaining('Code completion: before apply Unassigned (put back)'),
    ]);
    await expect(readFile(evidence)).rejects.toMatchObject({ code: 'ENOENT' });
    const again = await run('undo');
    await own.close();
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('Nothing that apply changed is left')]);
    const lines = [planned, undone, again].flatMap(({ stdout }) => stdout.trim().split('\n'));
    expect(lines.filter((line) => !line.includes('SIMULATED'))).toEqual([]);
  });

  it('is not done with a step that GitLab has no setting for', async () => {
    const older = await openStage({
      version: '18.6.0',
      change: (site) => Object.assign(site.gitlab, { version: '18.7' }),
    });
    const args = ['gitlab', 'check', older.siteFilePath, '--step', 'gateway-timeout'];
    const unknown = await sealift(args, { SEALIFT_HOME: older.home });
    await older.close();
    expect([unknown.code, unknown.stdout]).toEqual([
      1,
      expect.stringContaining('▲ unknown: GitLab has no such setting'),
    ]);
  });

  it.each([
    ['a site file that is not there', ['probe', '/no/such.yaml'], 2, 'file.missing'],
    ['no site file', ['probe'], 2, 'usage.invalid'],
    ['neither site nor version', ['gitlab', 'plan'], 2, 'usage.invalid'],
    ['a version that never was', ['gitlab', 'plan', '--gitlab', '17.12'], 2, 'gitlab.version-unreal'],
    ['a version before all', ['gitlab', 'plan', '--gitlab', '16.0'], 3, 'gitlab.version-unsupported'],
    ['a token on the command line', ['gitlab', 'apply', 'x.yaml', '--token', 'abc'], 2, 'usage.invalid'],
    ['a step that is none', ['gitlab', 'check', 'SITE', '--step', 'nonsense'], 2, 'gitlab.step-unknown'],
    [
      'a step that is none, before it asks for a token',
      ['gitlab', 'check', 'REAL', '--step', '99'],
      2,
      'gitlab.step-unknown',
    ],
    [
      'a step that the probe checks',
      ['gitlab', 'check', 'SITE', '--step', 'completion-check'],
      3,
      'gitlab.step-unseen',
    ],
    ['a token file that is not there', ['gitlab', 'apply', 'REAL', '--token-file', '/no/token'], 2, 'file.missing'],
    ['a token file that is none', ['gitlab', 'apply', 'REAL', '--token-file', '/etc/passwd'], 2, 'input.invalid'],
    ['a token file without end', ['gitlab', 'apply', 'REAL', '--token-file', '/dev/zero'], 2, 'file.missing'],
    ['a huge token file', ['gitlab', 'apply', 'REAL', '--token-file', process.execPath], 3, 'file.too-large'],
  ])('refuses %s', async (_, args, code, error) => {
    const files: Record<string, string> = { REAL: realSite, SITE: stage.siteFilePath };
    const run = await sealift([...args.map((one) => files[one] ?? one), '--json']);
    const { ok, error: told } = JSON.parse(run.stdout);
    expect([run.code, ok, told.code, told.remedies.length > 0]).toEqual([code, false, error, true]);
  });

  it('takes the token of a real GitLab from the environment or a file, and asks for it otherwise', async () => {
    const path = realSite;
    const missing = await sealift(['gitlab', 'check', path, '--json']);
    expect([missing.code, JSON.parse(missing.stdout).error.code]).toEqual([2, 'gitlab.token-missing']);
    const tokenFile = join(stage.home, 'token');
    await writeFile(tokenFile, `${stage.adminToken}\n`, { mode: 0o600 });
    const byFile = await sealift(['gitlab', 'check', path, '--token-file', tokenFile, '--json']);
    // The site file calls it real, the stand-in says what it is: that wins.
    expect(data(byFile)).toMatchObject({ simulated: true });
    const byEnvironment = await started(['gitlab', 'check', path, '--json'], {
      SEALIFT_GITLAB_TOKEN: stage.adminToken,
    });
    expect(data(byEnvironment)).toMatchObject({ simulated: true });
  });

  it.skipIf(missing('openssl')).each<[CertificateName, string, RegExp]>([
    ['common name only', 'localhost', /tls-certificate, .*no subject alternative name/],
    ['a short key', '127.0.0.1', /tls-certificate/],
    ['an RSA key', '127.0.0.1', /returned an unusable response/],
  ])("judges a certificate as the gateway's Python does, not as Node does: %s", async (name, host, message) => {
    const change = name === 'common name only' ? { subject: `/CN=${host}` } : {};
    const { key, cert, ca } = await makeCertificate(stage.home, name, change);
    const server = createServer({ key, cert, ciphers: 'DEFAULT:@SECLEVEL=0' }, (_, response) => response.end('[]'));
    await new Promise<void>((done) => server.listen(0, host, done));
    const url = `https://${host}:${(server.address() as AddressInfo).port}`;
    const [path, caFile] = [join(stage.home, 'tls.yaml'), join(stage.home, 'ca.pem')];
    await writeFile(caFile, ca);
    const gateway = { ...stage.site.gateway, kind: 'existing' };
    await writeFile(path, stringify({ ...stage.site, gitlab: { url, version: '18.9' }, gateway }));
    const env = { SEALIFT_GITLAB_TOKEN: stage.adminToken, NODE_EXTRA_CA_CERTS: caFile };
    const run = await started(['gitlab', 'check', path, '--json'], env);
    server.close();
    expect(run.json.error?.message).toMatch(message);
  });

  it('probes without a token as far as it can', async () => {
    const run = await sealift(['probe', realSite, '--json']);
    expect(data(run)).toMatchObject({
      hops: [
        { hop: 'model', ok: true },
        { hop: 'gateway-health', ok: true },
        { hop: 'gateway-prompt-check', ok: true },
      ],
    });
    expect(run.stdout).toContain('it needs a GitLab admin token: pass it with --token-file');
    expect(run.code).toBe(0);
  });

  it('never sends a real token to a stand-in', async () => {
    const env = { SEALIFT_GITLAB_TOKEN: 'glpat-a-real-token-0123456789' };
    expect((await started(['gitlab', 'check', stage.siteFilePath, '--json'], env)).exitCode).toBe(0);
  });

  it('says that a site was not deployed', async () => {
    const other = join(stage.home, 'other.yaml');
    await writeFile(other, stringify({ ...stage.site, name: 'other' }));
    const run = await sealift(['probe', other, '--json']);
    expect([run.code, JSON.parse(run.stdout).error.code]).toEqual([3, 'probe.not-deployed']);
    await rm(other);
  });
});
