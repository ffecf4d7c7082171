import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Readiness, readiness } from '../../../src/shared/readiness.ts';
import { missing } from '../../needs.ts';
import { runHereWith } from '../../run-here.ts';
import { runSealift, startSealift } from '../../run-sealift.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealift-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const home = ['--home', join(folder, 'home')];
const sealift = (args: string[], env: Record<string, string> = {}) => runHereWith(env, ...home, ...args);

/** What `check --json` found. */
async function checked(args: string[] = [], env: Record<string, string> = {}): Promise<Readiness> {
  return (await sealift(['check', '--json', ...args], env)).json.data as Readiness;
}

function bin(name: string, body: string): Record<string, string> {
  const path = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(path, name), 0o755);
  return { PATH: `${path}:${process.env.PATH}` };
}

const near = (a: number, b: number) => Math.abs(a - b) <= 0.05 * Math.max(a, b);

describe.skipIf(missing('lscpu') || missing('free') || missing('df'))(
  'sealift check and the tools of the system',
  () => {
    it('agree on processor, memory and disk', async () => {
      const { machine } = await checked();
      const cpu = execFileSync('lscpu', ['--json'], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
      const rows = new Map<string, string>(
        JSON.parse(cpu).lscpu.flatMap(function flat(row: {
          field: string;
          data: string;
          children?: unknown[];
        }): unknown[] {
          return [[row.field.replace(/:$/, ''), row.data], ...((row.children ?? []) as (typeof row)[]).flatMap(flat)];
        }),
      );
      expect(machine.cpu.threads).toBe(Number(rows.get('CPU(s)')));
      expect(machine.cpu.coresPhysical).toBe(Number(rows.get('Core(s) per socket')) * Number(rows.get('Socket(s)')));
      if (machine.cpu.architecture === 'x64') {
        expect(machine.cpu.hasAvx2).toBe(/\bavx2\b/.test(rows.get('Flags') ?? ''));
        expect(machine.cpu.hasAvx512).toBe(/\bavx512f\b/.test(rows.get('Flags') ?? ''));
        expect(machine.cpu.hasAmx).toBe(/\bamx_tile\b/.test(rows.get('Flags') ?? ''));
      }
      if (rows.has('NUMA node(s)')) expect(machine.cpu.numaNodes).toBe(Number(rows.get('NUMA node(s)')));
      const free = execFileSync('free', ['-b'], { encoding: 'utf8' }).split('\n')[1]?.split(/\s+/).map(Number) ?? [];
      expect(near(machine.memory.totalBytes, free[1] ?? 0)).toBe(true);
      if (machine.memory.limitBytes === null) expect(near(machine.memory.availableBytes ?? 0, free[6] ?? 0)).toBe(true);
      const df =
        execFileSync('df', ['-B1', '--output=size,avail,fstype', folder], { encoding: 'utf8' })
          .trim()
          .split('\n')[1]
          ?.trim()
          .split(/\s+/) ?? [];
      const store = machine.disks.find((disk) => disk.use === 'store');
      expect(near(store?.sizeBytes ?? 0, Number(df[0]))).toBe(true);
      expect(near(store?.freeBytes ?? 0, Number(df[1]))).toBe(true);
      expect(store?.filesystem).toBe(df[2]);
    });
  },
);

describe.skipIf(missing('docker') || missing('a running dockerd', dockerIsThere))(
  'sealift check and docker info',
  () => {
    it('agree on every fact of the engine', async () => {
      const { machine, findings } = await checked();
      const info = JSON.parse(execFileSync('docker', ['info', '--format', '{{json .}}'], { encoding: 'utf8' }));
      const isContainerd = JSON.stringify(info.DriverStatus).includes('containerd');
      expect(machine.engine).toMatchObject({
        state: 'running',
        version: info.ServerVersion,
        storageDriver: info.Driver,
        imageStore: isContainerd ? 'containerd' : 'classic',
        dataRoot: info.DockerRootDir,
        cgroupVersion: info.CgroupVersion,
        runtimes: Object.keys(info.Runtimes).sort(),
        isRootless: info.SecurityOptions.includes('name=rootless'),
        isDesktop: info.OperatingSystem === 'Docker Desktop',
        canLimitMemory: info.MemoryLimit,
      });
      const disk = machine.disks.find((one) => one.use === 'engine');
      const df = execFileSync('df', ['-B1', '--output=avail', info.DockerRootDir], { encoding: 'utf8' });
      expect(near(disk?.freeBytes ?? 0, Number(df.trim().split('\n')[1]))).toBe(true);
      const said = findings.find((one) => one.id === 'hardware.engine');
      for (const word of [info.ServerVersion, info.Driver, info.DockerRootDir, `cgroup v${info.CgroupVersion}`])
        expect(said?.title).toContain(word);
    });
  },
);

describe('sealift check', () => {
  it('prints one JSON object that its own schema accepts, and writes nothing', async () => {
    // A process of its own: nothing else may have written to its output.
    const run = await runSealift(...home, 'check', '--json');
    const found = readiness.parse(run.json.data);
    expect(run.exitCode).toBe(found.findings.some((one) => one.severity === 'red') ? 1 : 0);
    expect(run.stdout.trim().split('\n')).toHaveLength(1);
    expect(existsSync(join(folder, 'home'))).toBe(false);
  });

  it('writes the same as a file to carry, and a page to read, whole', async () => {
    const out = mkdtempSync(join(folder, 'out-'));
    writeFileSync(join(out, 'r.html'), 'old');
    expect((await sealift(['check', '--report', join(out, 'r.json')])).stderr).not.toContain('■');
    expect(readiness.parse(JSON.parse(readFileSync(join(out, 'r.json'), 'utf8'))).kind).toBe('sealift.readiness');
    expect(await checked(['--report', join(out, 'r.html')])).toMatchObject({ report: join(out, 'r.html') });
    expect(readFileSync(join(out, 'r.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(readdirSync(out).sort()).toEqual(['r.html', 'r.json']);
  });

  it('signs a report with the key of the site, and says when there is none', async () => {
    const out = mkdtempSync(join(folder, 'signed-'));
    const own = ['--home', join(out, 'home')];
    const page = join(out, 'r.html');
    const unsigned = await checked([...own, '--report', page]);
    expect(unsigned).toMatchObject({ unsigned: expect.stringContaining('no site key') });
    expect(unsigned).not.toHaveProperty('signature');
    expect(readFileSync(page, 'utf8')).toContain('Not signed: this data folder has no site key');
    await sealift([...own, 'key', 'new', 'site']);
    expect(await checked([...own, '--report', page])).toMatchObject({ signature: `${page}.dsse.json` });
    const verified = await sealift([...own, 'report', 'verify', page, '--json']);
    expect(verified.json.data).toMatchObject({ isGood: true, signature: { by: 'own' }, files: [{ name: 'r.html' }] });
    const forged = join(out, 'forged.html');
    writeFileSync(forged, 'Nothing is in the way.');
    copyFileSync(`${page}.dsse.json`, `${forged}.dsse.json`);
    const refused = await sealift([...own, 'report', 'verify', forged, '--json']);
    expect([refused.exitCode, refused.json.error?.code]).toEqual([2, 'report.not-a-report']);
    writeFileSync(page, readFileSync(page, 'utf8').replace('Readiness report', 'Readiness rep0rt'));
    const changed = await sealift([...own, 'report', 'verify', page, '--json']);
    expect(changed).toMatchObject({ exitCode: 1, json: { data: { isGood: false } } });
  });

  it('hands the token for GitLab to no program that it starts', async () => {
    const seen = join(folder, 'environment');
    const token = 'glpat-planted-0123456789';
    const env = { ...process.env, ...bin('nvidia-smi', `env >"${seen}"`), SEALIFT_GITLAB_TOKEN: token };
    // A process of its own takes it out of its environment as it starts.
    await startSealift([...home, 'check', '--json', '--gitlab', 'http://127.0.0.1:1'], { env }).ended;
    expect(readFileSync(seen, 'utf8')).toContain('PATH=');
    expect(readFileSync(seen, 'utf8')).not.toContain(token);
  });

  it('names what is missing when no browser can print', async () => {
    const env = { PATH: join(folder, 'no-such') };
    const run = await sealift(['check', '--json', '--report', join(folder, 'none.pdf')], env);
    expect([run.exitCode, run.json.error?.code]).toEqual([3, 'report.no-browser']);
    expect(existsSync(join(folder, 'none.pdf'))).toBe(false);
  });

  it.skipIf(missing('chromium'))('prints a report on A4', async () => {
    const path = join(folder, 'r.pdf');
    // Chromium runs as nobody, who must get into it.
    const temporary = mkdtempSync(join(tmpdir(), 'sealift-check-print-'));
    chmodSync(temporary, 0o1777);
    const env = { TMPDIR: temporary };
    expect(await checked(['--report', path], env)).toMatchObject({ report: path });
    const text = readFileSync(path, 'latin1');
    expect(text.slice(0, 5)).toBe('%PDF-');
    const boxes = [...text.matchAll(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/g)];
    expect(boxes.length).toBeGreaterThan(0);
    for (const [, width, height] of boxes)
      expect([Math.round(Number(width)), Math.round(Number(height))]).toEqual([595, 842]);
    expect(readdirSync(temporary)).toEqual([]);
    rmSync(temporary, { recursive: true });
  });

  it('shows the facts of the machine in the terminal', async () => {
    const { stdout } = await sealift(['check']);
    for (const name of ['System', 'Host name', 'CPU', 'Memory', 'Firewall', 'Store'])
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'));
  });

  it.each([
    [['check', '--report', 'x.txt'], 2, 'hardware.report-name'],
    [['check', '--gitlab', 'no address'], 2, 'input.invalid'],
    [['check', '--measure-disk', '/nowhere'], 2, 'file.missing'],
    [['check', '--report', '/nowhere/at/all/r.json'], 2, 'file.missing'],
    [['check', '--report', '/dev/null/r.json'], 3, 'file.denied'],
    [['check', '--report'], 2, 'usage.invalid'],
    [['check', '--reprot', 'x'], 2, 'usage.invalid'],
  ])('refuses %j with exit code %i', async (args, exitCode, code) => {
    const run = await sealift([...args, '--json']);
    expect(run).toMatchObject({ exitCode, json: { error: { code } } });
    expect(JSON.parse(run.stdout).error.remedies.length).toBeGreaterThan(0);
  });

  it('ends in time although nvidia-smi hangs, and says so', async () => {
    const { machine, findings } = await checked([], bin('nvidia-smi', 'sleep 100'));
    expect(machine.gpus.filter((gpu) => gpu.vramSource === 'nvidia-smi')).toEqual([]);
    expect(machine.notKnown.map((one) => one.why)).toContain('nvidia-smi did not answer within 5 s.');
    expect(findings.map((one) => one.id)).toContain('hardware.gpu-not-known');
  });

  it('shows hostile names as text only', async () => {
    const path = join(folder, 'hostile.html');
    const name = '<script>alert(1)</script><img src=x onerror=alert(1)>';
    await sealift(['check', '--report', path], bin('nvidia-smi', `echo '100, 90, 580.1, 9.0, Disabled, ${name}'`));
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toMatch(/<script|<img/);
  });

  it.skipIf(process.getuid?.() !== 0 || missing('setpriv'))(
    'tells a closed engine and an unreadable PATH from absent ones',
    async () => {
      const open = mkdtempSync(join(tmpdir(), 'sealift-engine-'));
      const socket = join(open, 'docker.sock');
      const server = createServer().listen(socket);
      await once(server, 'listening');
      chmodSync(open, 0o755);
      chmodSync(socket, 0o600);
      const closed = join(folder, 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
      const run = spawnSync(
        'setpriv',
        [...nobody, process.execPath, 'out/main/cli.js', '--home', '/nowhere', 'check', '--json'],
        {
          encoding: 'utf8',
          env: { ...process.env, PATH: `${process.env.PATH}:${closed}`, HOME: '/', DOCKER_HOST: `unix://${socket}` },
        },
      );
      server.close();
      rmSync(open, { recursive: true });
      const { machine }: Readiness = JSON.parse(run.stdout).data;
      expect(machine.engine.state).toBe('not-permitted');
      expect(machine.notKnown).toEqual([]);
    },
  );

  it('is red for a store that is a file, with exit code 1', async () => {
    const run = await sealift(['--json', 'check', '--store', '/etc/passwd']);
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toContain('hardware.store-unusable');
  });

  it('examines the store that is named', async () => {
    const store = join(folder, 'other');
    mkdirSync(store);
    expect((await checked(['--store', store])).machine.disks[0]?.path).toBe(store);
  });
});
