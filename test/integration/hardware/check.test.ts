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
import { dockerIsThere } from '../../scenes/docker-is-there.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealift-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sealift(args: string[], env: NodeJS.ProcessEnv = {}) {
  const home = join(folder, 'home');
  const run = spawnSync(process.execPath, ['out/main/cli.js', '--home', home, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { ...run, json: () => JSON.parse(run.stdout) };
}

function bin(name: string, body: string): NodeJS.ProcessEnv {
  const path = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(path, name), 0o755);
  return { PATH: `${path}:${process.env.PATH}` };
}

const near = (a: number, b: number) => Math.abs(a - b) <= 0.05 * Math.max(a, b);

describe.skipIf(missing('lscpu') || missing('free') || missing('df'))(
  'sealift check and the tools of the system',
  () => {
    it('agree on processor, memory and disk', () => {
      const { machine }: Readiness = sealift(['check', '--json']).json().data;
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
    it('agree on every fact of the engine', () => {
      const { machine, findings }: Readiness = sealift(['check', '--json']).json().data;
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
  it('prints one JSON object that its own schema accepts, and writes nothing', () => {
    const run = sealift(['check', '--json']);
    expect(run.status).toBe(
      run.json().data.findings.some((one: { severity: string }) => one.severity === 'red') ? 1 : 0,
    );
    expect(run.stdout.trim().split('\n')).toHaveLength(1);
    expect(() => readiness.parse(run.json().data)).not.toThrow();
    expect(existsSync(join(folder, 'home'))).toBe(false);
  });

  it('writes the same as a file to carry, and a page to read, whole', () => {
    const out = mkdtempSync(join(folder, 'out-'));
    writeFileSync(join(out, 'r.html'), 'old');
    expect(sealift(['check', '--report', join(out, 'r.json')]).stderr).not.toContain('■');
    expect(readiness.parse(JSON.parse(readFileSync(join(out, 'r.json'), 'utf8'))).kind).toBe('sealift.readiness');
    expect(sealift(['check', '--json', '--report', join(out, 'r.html')]).json().data.report).toBe(join(out, 'r.html'));
    expect(readFileSync(join(out, 'r.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(readdirSync(out).sort()).toEqual(['r.html', 'r.json']);
  });

  it('signs a report with the key of the site, and says when there is none', () => {
    const out = mkdtempSync(join(folder, 'signed-'));
    const home = ['--home', join(out, 'home')];
    const page = join(out, 'r.html');
    const unsigned = sealift([...home, 'check', '--json', '--report', page]).json().data;
    expect(unsigned.unsigned).toContain('no site key');
    expect(unsigned.signature).toBeUndefined();
    expect(readFileSync(page, 'utf8')).toContain('Not signed: this data folder has no site key');
    sealift([...home, 'key', 'new', 'site']);
    const signed = sealift([...home, 'check', '--json', '--report', page]).json().data;
    expect(signed.signature).toBe(`${page}.dsse.json`);
    const verified = sealift([...home, 'report', 'verify', page, '--json']);
    expect(verified.json().data).toMatchObject({ isGood: true, signature: { by: 'own' }, files: [{ name: 'r.html' }] });
    const forged = join(out, 'forged.html');
    writeFileSync(forged, 'Nothing is in the way.');
    copyFileSync(`${page}.dsse.json`, `${forged}.dsse.json`);
    const refused = sealift([...home, 'report', 'verify', forged, '--json']);
    expect([refused.status, refused.json().error.code]).toEqual([2, 'report.not-a-report']);
    writeFileSync(page, readFileSync(page, 'utf8').replace('Readiness report', 'Readiness rep0rt'));
    const changed = sealift([...home, 'report', 'verify', page, '--json']);
    expect([changed.status, changed.json().data.isGood]).toEqual([1, false]);
  });

  it('hands the token for GitLab to no program that it starts', () => {
    const seen = join(folder, 'environment');
    const token = 'glpat-planted-0123456789';
    const env = { ...bin('nvidia-smi', `env >"${seen}"`), SEALIFT_GITLAB_TOKEN: token };
    sealift(['check', '--json', '--gitlab', 'http://127.0.0.1:1'], env);
    expect(readFileSync(seen, 'utf8')).toContain('PATH=');
    expect(readFileSync(seen, 'utf8')).not.toContain(token);
  });

  it('names what is missing when no browser can print', () => {
    const run = sealift(['check', '--json', '--report', join(folder, 'none.pdf')], { PATH: join(folder, 'no-such') });
    expect([run.status, run.json().error.code]).toEqual([3, 'report.no-browser']);
    expect(existsSync(join(folder, 'none.pdf'))).toBe(false);
  });

  it.skipIf(missing('chromium'))('prints a report on A4', () => {
    const path = join(folder, 'r.pdf');
    // Chromium runs as nobody, who must get into it.
    const temporary = mkdtempSync(join(tmpdir(), 'sealift-check-print-'));
    chmodSync(temporary, 0o1777);
    const env = { TMPDIR: temporary };
    expect(sealift(['check', '--json', '--report', path], env).json().data.report).toBe(path);
    const text = readFileSync(path, 'latin1');
    expect(text.slice(0, 5)).toBe('%PDF-');
    const boxes = [...text.matchAll(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/g)];
    expect(boxes.length).toBeGreaterThan(0);
    for (const [, width, height] of boxes)
      expect([Math.round(Number(width)), Math.round(Number(height))]).toEqual([595, 842]);
    expect(readdirSync(temporary)).toEqual([]);
    rmSync(temporary, { recursive: true });
  });

  it('shows the facts of the machine in the terminal', () => {
    const { stdout } = sealift(['check']);
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
  ])('refuses %j with exit code %i', (args, status, code) => {
    const run = sealift([...args, '--json']);
    expect([run.status, run.json().error.code]).toEqual([status, code]);
    expect(run.json().error.remedies.length).toBeGreaterThan(0);
  });

  it('ends in time although nvidia-smi hangs, and says so', () => {
    const { machine, findings }: Readiness = sealift(['check', '--json'], bin('nvidia-smi', 'sleep 100')).json().data;
    expect(machine.gpus.filter((gpu) => gpu.vramSource === 'nvidia-smi')).toEqual([]);
    expect(machine.notKnown.map((one) => one.why)).toContain('nvidia-smi did not answer within 5 s.');
    expect(findings.map((one) => one.id)).toContain('hardware.gpu-not-known');
  });

  it('shows hostile names as text only', () => {
    const path = join(folder, 'hostile.html');
    const name = '<script>alert(1)</script><img src=x onerror=alert(1)>';
    sealift(['check', '--report', path], bin('nvidia-smi', `echo '100, 90, 580.1, 9.0, Disabled, ${name}'`));
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

  it('is red for a store that is a file, with exit code 1', () => {
    const run = sealift(['--json', 'check', '--store', '/etc/passwd']);
    expect(run.status).toBe(1);
    expect(run.stdout).toContain('hardware.store-unusable');
  });

  it('examines the store that is named', () => {
    const store = join(folder, 'other');
    mkdirSync(store);
    expect(sealift(['check', '--json', '--store', store]).json().data.machine.disks[0].path).toBe(store);
  });
});
