import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rehearse } from '../../../src/shared/contract/rehearse.ts';
import { jobEvent } from '../../../src/shared/jobs.ts';
import { missing } from '../../needs.ts';
import { type Run, runSealift, startSealift, untilSays } from '../../run-sealift.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-rehearse-'));
});
afterEach(async () => {
  expect(await processesOf(folder)).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

/** Command lines of processes that name this folder. */
async function processesOf(path: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(path)).map((line) => line.replaceAll('\0', ' '));
}

const args = () => ['--home', join(folder, 'home'), 'rehearse', '--json', '--no-docker'];
const start = () => startSealift(args()).child;

describe.skipIf(process.platform !== 'linux')('rehearse without Docker', () => {
  it('does the whole job twice in one folder and leaves only the report, the second time with no Docker to find', async () => {
    await isWhole(await runSealift(...args()));
    process.env.DOCKER_HOST = 'unix:///nowhere/docker.sock';
    try {
      const run = await runSealift(...args().filter((one) => one !== '--no-docker'));
      await isWhole(run);
      const reason = 'No container engine answers at unix:///nowhere/docker.sock';
      expect(run.json.data).toMatchObject({ docker: { isUsed: false, reason }, simulated: ['GitLab', 'AI Gateway'] });
      expect(run.stderr).toContain(`Without Docker: ${reason}.`);
    } finally {
      delete process.env.DOCKER_HOST;
    }
  });

  it('cleans up on Ctrl-C wherever it is, clears what a killed one left, and continues when no one reads its output', async () => {
    for (const words of ['pack and sign', 'Copy', 'deploy', 'apply the settings', 'probe every hop']) {
      const child = start();
      // Each gets further than the one before, so each shows that the one before left nothing in its way.
      await untilSays(child, words);
      child.kill('SIGINT');
      const [code] = await once(child, 'exit');
      expect(code, words).toBe(130);
      expect(await processesOf(folder), words).toEqual([]);
    }
    const killed = start();
    await untilSays(killed, 'probe every hop');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(await processesOf(folder)).not.toEqual([]);
    const child = start();
    await untilSays(child, 'make a tiny model');
    child.stderr?.destroy();
    child.stdout?.destroy();
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });

  it('never touches a folder that holds anything else', async () => {
    const dir = join(folder, 'mine');
    await mkdir(dir);
    await writeFile(join(dir, 'thesis.txt'), 'precious');
    const { exitCode, json } = await runSealift(...[...args(), '--dir', dir]);
    expect(exitCode).toBe(3);
    expect(json.error?.code).toBe('rehearse.folder-not-empty');
    expect(await readdir(dir)).toEqual(['thesis.txt']);
  });

  it('shows no secret, and goes through the steps whose shares it shows', async () => {
    const child = spawn(process.execPath, ['out/main/cli.js', ...args(), '--keep'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout?.on('data', (chunk) => (said += String(chunk)));
    child.stderr?.on('data', (chunk) => (said += String(chunk)));
    await once(child, 'exit');
    const root = join(folder, 'home', 'rehearsal');
    const kept = await secretsBelow(root);
    const names = ['aigw_signing.key', 'aigw_validation.key', 'front-api-key', 'salt', 'simulated-gitlab-token'];
    expect([...kept.keys()].sort()).toEqual(names);
    const secrets = [...kept.values()];
    // The stand-in keeps the token as the real GitLab keeps it in its database.
    const places = ['/secrets/', '/keys/', '/stand-ins/'];
    const texts = new Map([
      ['output', said],
      ...(await textsBelow(folder, (path) => places.every((place) => !path.includes(place)))),
    ]);
    const found = [...texts].filter(([, text]) => secrets.some((secret) => text.includes(secret)));
    expect(found.map(([path]) => path)).toEqual([]);
    const jobs = await jobsWithShares();
    await staysUntilReplaced(root, said);
    const kinds = ['bundle.pack', 'bundle.verify', 'imports.run', 'rehearse.run'];
    expect([...new Set(jobs.map((one) => one.kind))].sort()).toEqual(kinds);
    for (const { kind, steps, shares } of jobs) expect([...new Set(steps)], kind).toEqual(shares);
  });
});

/** A rehearsal without Docker that did everything, and left only its signed report. */
async function isWhole({ exitCode, json, stderr }: Run): Promise<void> {
  expect(exitCode, stderr).toBe(0);
  const data = rehearse.run.output.parse(json.data);
  expect(data.probe.map((hop) => hop.ok)).toEqual([true, true, true, true, true]);
  expect(data.probe.map((hop) => hop.simulated)).toEqual([false, true, true, true, true]);
  expect(data.probe[0]?.answer).toContain('rehearsal model');
  expect(data.probe[4]?.answer).toContain('rehearsal model');
  expect((await readdir(data.dir)).sort()).toEqual(['.sealift-rehearsal', 'report']);
  const { readiness } = JSON.parse(await readFile(join(data.dir, 'report', 'report.json'), 'utf8'));
  expect(readiness.machine.disks[0].path).toBe(join(folder, 'home', 'store'));
  expect(JSON.stringify(readiness)).not.toContain(data.dir);
  const verified = await runSealift(
    ...['--home', join(folder, 'home'), '--json', 'report', 'verify', data.dir.concat('/report')],
  );
  expect(verified.json.data).toMatchObject({ isGood: true, unjudged: [], signature: { by: 'own' } });
  expect(verified.exitCode).toBe((verified.json.data as { isRed: boolean }).isRed ? 1 : 0);
}

/** Returns the steps of the jobs that have shares. Without Docker those about images are left out, and a kept rehearsal is not cleaned up. */
async function jobsWithShares(): Promise<{ kind: string; steps: string[]; shares: string[] }[]> {
  const journals = await textsBelow(folder, (path) => path.endsWith('.jsonl') && path.includes('/jobs/'));
  const jobs = journals.map(([, text]) =>
    text
      .trim()
      .split('\n')
      .map((line) => jobEvent.parse(JSON.parse(line))),
  );
  return jobs.flatMap((events) => {
    const [{ kind, shares } = { kind: '' }] = events.filter((one) => one.type === 'started');
    const steps = events.flatMap((one) => (one.type === 'step' ? [one.id] : []));
    return shares
      ? [{ kind, steps, shares: Object.keys(shares).filter((id) => !/^(images?|clean-up)$/.test(id)) }]
      : [];
  });
}

/** A kept rehearsal says how to look at it, and is not swept away by the next one. */
async function staysUntilReplaced(root: string, said: string): Promise<void> {
  const kept = join(root, 'disconnected-side');
  expect(said).toContain(kept);
  expect(said).toContain(`"siteFile":"${join(root, 'site.yaml')}"`);
  const packer = await runSealift('--home', join(root, 'connected-side', 'home'), '--json', 'key', 'show');
  expect(said).toContain(`"words":"${(packer.json.data as { words: string }).words}"`);
  expect((await runSealift('--home', kept, 'status')).exitCode).toBe(0);
  const again = await runSealift(...args());
  expect(again).toMatchObject({ exitCode: 3, json: { error: { code: 'rehearse.kept' } } });
  expect((await runSealift('--home', kept, 'status')).exitCode).toBe(0);
  expect((await runSealift(...args(), '--replace')).exitCode).toBe(0);
  // The one that replaced it was not kept.
  expect(await readdir(root)).not.toContain('disconnected-side');
}

/** The secrets of the rehearsal's site, by the names of their files. */
async function secretsBelow(root: string): Promise<Map<string, string>> {
  const folderOfSecrets = join(root, 'disconnected-side', 'sites', 'rehearsal', 'secrets');
  const files = await readdir(folderOfSecrets);
  const texts = await Promise.all(files.map((name) => readFile(join(folderOfSecrets, name), 'utf8')));
  // Of a PEM the second line is key material without the common header.
  const secretOf = (text: string) => (text.startsWith('-----') ? (text.split('\n')[2] ?? '') : text.trim());
  return new Map(files.map((name, at) => [name, secretOf(texts[at] ?? '')]));
}

async function textsBelow(root: string, isWanted: (path: string) => boolean): Promise<[string, string][]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.filter(isWanted).map(async (path): Promise<[string, string]> => [path, await readFile(path, 'latin1')]),
  );
}

const cannotTrace = missing('strace') || missing('unshare') || process.getuid?.() !== 0;

describe.skipIf(cannotTrace)('rehearse with loopback as the only network', () => {
  it('works and tries to reach nothing else', async () => {
    const trace = join(folder, 'trace');
    const traced = [
      'strace',
      '-f',
      '-qq',
      '-e',
      'trace=connect,sendto,sendmsg',
      '-o',
      trace,
      process.execPath,
      'out/main/cli.js',
      // The engine's socket may be reached from there, but not its networks.
      ...args().filter((one) => one !== '--no-docker'),
    ];
    const child = spawn('unshare', ['-n', 'bash', '-c', 'ip link set lo up; exec "$@"', 'bash', ...traced], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr?.on('data', (chunk) => (said += String(chunk)));
    const [code] = await once(child, 'exit');
    expect(code, said.slice(-2000)).toBe(0);
    const addresses = (await readFile(trace, 'utf8')).matchAll(
      /(?:inet_addr\("([\d.]+)"\)|inet_pton\(AF_INET6, "([^"]+)")/g,
    );
    const outside = [...addresses]
      .map((match) => match[1] ?? match[2] ?? '')
      .filter((one) => !/^(127\.|::1$|0\.0\.0\.0$|::$)/.test(one));
    expect(outside).toEqual([]);
  });
});
