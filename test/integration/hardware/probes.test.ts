import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cgroupLimits } from '../../../src/main/core/hardware/cgroup.ts';
import { collectEngine } from '../../../src/main/core/hardware/container-engine.ts';
import { collectDisk } from '../../../src/main/core/hardware/disks.ts';
import { collectGpus } from '../../../src/main/core/hardware/gpus.ts';
import { loadHardwareCatalog } from '../../../src/main/core/hardware/load-hardware-catalog.ts';
import { collectNvidia } from '../../../src/main/core/hardware/nvidia.ts';
import { thisSystem } from '../../../src/main/core/hardware/system-view.ts';
import { collectPorts } from '../../../src/main/core/hardware/tcp-ports.ts';
import { processStart } from '../../../src/main/core/processes/identity.ts';
import { runTool } from '../../../src/main/core/processes/run-tool.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-probes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function script(name: string, body: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

describe('nvidia-smi', () => {
  it('is asked for what the parser reads', async () => {
    const tool = await script(
      'good',
      'case "$1" in *memory.total*) ;; *) exit 2;; esac\necho "$@" | grep -q "^--query-gpu=memory.total,memory.free,driver_version,compute_cap,mig.mode.current,name --format=csv,noheader,nounits$" || exit 2\necho "81559, 80994, 580.65, 9.0, Disabled, NVIDIA H100 80GB HBM3"',
    );
    const { facts, notKnown } = await collectNvidia(thisSystem(5000), [tool]);
    expect(notKnown).toEqual([]);
    expect(facts?.gpus).toMatchObject([
      { name: 'NVIDIA H100 80GB HBM3', vramTotalBytes: 81559 * 2 ** 20, cudaVersion: null, eccErrors: null },
    ]);
  });

  it('is asked again for less when the driver is old', async () => {
    const tool = await script(
      'old',
      'case "$1" in *compute_cap*) echo "Field \\"compute_cap\\" is not a valid field to query."; exit 2;; esac\necho "16160, 16130, 450.80.02, Tesla V100"',
    );
    expect((await collectNvidia(thisSystem(5000), [tool])).facts?.gpus).toMatchObject([
      { name: 'Tesla V100', computeCapability: null },
    ]);
  });

  it('is killed when it hangs, together with what it started', async () => {
    const tool = await script('hang', 'sleep 300 & echo $! > "$0.pid"\ntrap "" TERM\nwait\nsleep 300');
    const { facts, notKnown } = await collectNvidia(thisSystem(300), [tool]);
    expect(facts?.gpus).toEqual([]);
    expect(notKnown).toEqual([{ what: 'gpus', why: 'nvidia-smi did not answer within 0.3 s.' }]);
    const pid = Number(await readFile(`${tool}.pid`, 'utf8'));
    await vi.waitFor(async () => expect(await processStart(pid)).toBe(''), 5000);
  });

  it.each([
    ['mismatch', 'echo "Failed to initialize NVML: Driver/library version mismatch"; exit 18', /version mismatch/],
    ['stderr', 'echo "NVIDIA-SMI has failed because it could not communicate" >&2; exit 9', /could not communicate/],
    ['garbage', 'head -c 200000 /dev/urandom', /other than a list of GPUs/],
    ['empty', 'exit 0', /printed nothing/],
    ['crash', 'kill -SEGV $$', /nvidia-smi/],
    ['endless', 'exec yes', /printed more than 1 MiB/],
    ['endless-gpus', 'exec yes "100, 90, 550.1, 9.0, Disabled, X"', /printed more than 1 MiB/],
    ['binary', String.raw`printf '81559, 80994, 550.1, 9.0, Disabled, \377\376\001'`, /bytes that are not text/],
  ])('lists no GPU but a reason: %s', async (name, body, why) => {
    const { facts, notKnown } = await collectNvidia(thisSystem(1000), [await script(name, body)]);
    expect(facts?.gpus).toEqual([]);
    expect(notKnown).toHaveLength(1);
    expect(notKnown[0]?.why).toMatch(why);
    expect(notKnown[0]?.why.length).toBeLessThan(400);
  });

  it('may say that there are no devices', async () => {
    const tool = await script('none', 'echo "No devices were found"; exit 6');
    expect(await collectNvidia(thisSystem(5000), [tool])).toEqual({
      facts: { gpus: [], messages: [], links: [] },
      notKnown: [],
    });
  });

  it('may be missing, or no program', async () => {
    expect(await collectNvidia(thisSystem(5000), [join(folder, 'not-there')])).toEqual({ facts: null, notKnown: [] });
    const plain = join(folder, 'plain');
    await writeFile(plain, 'text');
    expect((await collectNvidia(thisSystem(5000), [plain])).notKnown).toHaveLength(1);
  });

  it('keeps readable lines among garbage, and reports the garbage', async () => {
    const tool = await script('half', 'echo "100, 90, 550.1, 9.0, Disabled, X"; echo "[GPU is lost]"');
    const { facts, notKnown } = await collectGpus(thisSystem(5000), await loadHardwareCatalog('resources'), [tool]);
    expect(facts.gpus.filter((gpu) => gpu.vramSource === 'nvidia-smi')).toHaveLength(1);
    expect(facts.messages).toEqual(['[GPU is lost]']);
    expect(notKnown).toEqual([]);
  });
});

describe('nvidia-smi with a list and more', () => {
  const row = '46068, 45500, 570.86.15, 8.9, [N/A], NVIDIA L40S';
  it.each([
    ['40a-stdout-14', `echo "${row}"; echo "WARNING: infoROM is corrupted at gpu 0000:B3:00.0"; exit 14`, /infoROM/],
    ['stderr-0', `echo "${row}"; echo "WARNING: infoROM is corrupted at gpu 0000:B3:00.0" >&2; exit 0`, /infoROM/],
    ['silent-14', `echo "${row}"; exit 14`, /^nvidia-smi exited with code 14$/],
    [
      '42a-lost',
      `echo "${row}"; echo "Unable to determine the device handle for GPU0000:BA:00.0: Unknown Error"`,
      /BA:00/,
    ],
  ])('counts the GPUs and keeps the message: %s', async (name, body, message) => {
    const { facts, notKnown } = await collectNvidia(thisSystem(5000), [await script(name, body)]);
    expect(notKnown).toEqual([]);
    expect(facts?.gpus).toMatchObject([{ name: 'NVIDIA L40S', isVramTrusted: true }]);
    expect(facts?.messages).toEqual([expect.stringMatching(message)]);
  });

  it('takes the details of a whole answer that ends with an error', async () => {
    const xml = '<nvidia_smi_log><cuda_version>12.8</cuda_version><gpu id="0"></gpu></nvidia_smi_log>';
    const tool = await script(
      'details-14',
      `case "$1" in *memory.total*) echo "${row}";; -q) echo '${xml}';; *ecc*) echo "0, 3";; esac\necho "WARNING: infoROM is corrupted at gpu 0000:B3:00.0"\nexit 14`,
    );
    const { facts } = await collectNvidia(thisSystem(5000), [tool]);
    expect(facts?.gpus).toMatchObject([{ cudaVersion: '12.8', eccErrorsEver: 3 }]);
  });
});

describe('engine', () => {
  const info = {
    ServerVersion: '27.0.1',
    Driver: 'overlay2',
    DockerRootDir: '/var/lib/docker',
    Runtimes: { runc: {} },
  };
  const asked = (path: string) => collectEngine(500, { DOCKER_HOST: `unix://${path}` });

  it('is read through its socket', async () => {
    const path = join(folder, 'good.sock');
    const server = createHttp((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.url?.includes('/info') ? info : { Components: [{ Name: 'Engine' }] }));
    });
    await listen(server, path);
    expect((await asked(path)).facts).toMatchObject({
      state: 'running',
      version: '27.0.1',
      product: 'docker',
      isRemote: false,
    });
    server.close();
  });

  it('is asked what it lacks if it is a rootless Podman', async () => {
    const path = join(folder, 'podman.sock');
    const answers: [string, object][] = [
      ['/libpod/info', { host: { idMappings: { uidmap: [{ size: 1 }] }, slirp4netns: { executable: '/bin/s' } } }],
      ['/info', { ...info, SecurityOptions: ['name=rootless'] }],
      ['/version', { Components: [{ Name: 'Podman Engine' }] }],
    ];
    const server = createHttp((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answers.find(([end]) => request.url?.endsWith(end))?.[1]));
    });
    await listen(server, path);
    expect((await asked(path)).facts).toMatchObject({ product: 'podman', lacks: ['subordinate-ids'], isDefault: true });
    server.close();
  });

  it('is absent without a socket', async () => {
    expect(await asked(join(folder, 'no.sock'))).toMatchObject({ facts: { state: 'absent' }, notKnown: [] });
  });

  it('does not answer when the socket is silent, closes, or talks nonsense', async () => {
    const bodies: [string, Server][] = [
      ['silent', createServer()],
      ['closing', createServer((socket) => socket.destroy())],
      ['nonsense', createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'))],
      ['html', createHttp((_request, response) => response.end('<html>'))],
      ['failing', createHttp((_request, response) => response.writeHead(500).end('{"message":"x"}'))],
    ];
    for (const [name, server] of bodies) {
      const path = join(folder, `${name}.sock`);
      await listen(server, path);
      const { facts, notKnown } = await asked(path);
      expect([name, facts.state]).toEqual([name, 'not-answering']);
      expect(notKnown).toHaveLength(1);
      server.close();
    }
  });

  it('does not answer when no one listens behind a left-over socket', async () => {
    const path = join(folder, 'stale.sock');
    const left = await runTool(
      process.execPath,
      ['-e', `require('net').createServer().listen(${JSON.stringify(path)},()=>process.kill(process.pid,'SIGKILL'))`],
      20_000,
    );
    expect(left.kind).toBe('failed');
    expect((await asked(path)).facts.state).toBe('not-answering');
  });

  it.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:7f00:1]'])('is on this machine at %s', async (host) => {
    const { facts } = await collectEngine(500, { DOCKER_HOST: `tcp://${host}:1` });
    expect(facts).toMatchObject({ state: 'not-answering', isRemote: false });
  });

  it('says so when DOCKER_HOST cannot be used', async () => {
    const { facts, notKnown } = await collectEngine(500, { DOCKER_HOST: 'ssh://somewhere' });
    expect(facts).toMatchObject({ state: 'not-answering', isRemote: true });
    expect(notKnown[0]?.why).toContain('DOCKER_HOST');
  });
});

describe('ports', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::'])('finds a listener on %s and its owner', async (host) => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, host, done));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { facts } = await collectPorts(5000, [{ port, purpose: 'test' }]);
    expect(facts).toMatchObject([{ port, state: 'taken' }]);
    if (process.platform === 'linux') expect(facts[0]?.owner?.pid).toBe(process.pid);
    await new Promise((done) => server.close(done));
    expect((await collectPorts(5000, [{ port, purpose: 'test' }])).facts).toMatchObject([
      { state: 'free', owner: null },
    ]);
  });
});

describe('control group', () => {
  it('takes the tightest limit on the way up, in version 2', async () => {
    const root = join(folder, 'cg2');
    await mkdir(join(root, 'a/b'), { recursive: true });
    await writeFile(join(root, 'a/memory.max'), '4294967296\n');
    await writeFile(join(root, 'a/memory.current'), '1073741824\n');
    await writeFile(join(root, 'a/memory.stat'), 'anon 1\ninactive_file 536870912\n');
    await writeFile(join(root, 'a/b/memory.max'), 'max\n');
    await writeFile(join(root, 'a/b/cpu.max'), '150000 100000\n');
    await writeFile(join(folder, 'cg2-proc'), '0::/a/b\n');
    expect(await cgroupLimits(thisSystem(5000), root, join(folder, 'cg2-proc'))).toEqual({
      memoryLimitBytes: 4 * 2 ** 30,
      memoryUsedBytes: 2 ** 29,
      cpuThreads: 1.5,
    });
  });

  it('reads version 1 inside a container, where the path of the host does not exist', async () => {
    const root = join(folder, 'cg1');
    await mkdir(join(root, 'memory'), { recursive: true });
    await mkdir(join(root, 'cpu'), { recursive: true });
    await writeFile(join(root, 'memory/memory.limit_in_bytes'), '2147483648\n');
    await writeFile(join(root, 'memory/memory.usage_in_bytes'), '1048576\n');
    await writeFile(join(root, 'cpu/cpu.cfs_quota_us'), '-1\n');
    await writeFile(join(root, 'cpu/cpu.cfs_period_us'), '100000\n');
    await writeFile(join(folder, 'cg1-proc'), '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n');
    expect(await cgroupLimits(thisSystem(5000), root, join(folder, 'cg1-proc'))).toEqual({
      memoryLimitBytes: 2 * 2 ** 30,
      memoryUsedBytes: 2 ** 20,
      cpuThreads: null,
    });
  });

  it('knows no limit where there is nothing to read', async () => {
    const none = { memoryLimitBytes: null, memoryUsedBytes: null, cpuThreads: null };
    expect(await cgroupLimits(thisSystem(5000), join(folder, 'nowhere'), join(folder, 'nothing'))).toEqual(none);
  });
});

describe('disk', () => {
  it('takes the nearest existing folder above a store that does not exist yet', async () => {
    const { facts } = await collectDisk(thisSystem(5000), 'store', join(folder, 'a/b/c'));
    expect(facts?.freeBytes).toBeGreaterThan(0);
    expect(facts?.path).toBe(join(folder, 'a/b/c'));
  });
  it('does not know the disk of an engine whose folder is not on this machine', async () => {
    const { facts, notKnown } = await collectDisk(thisSystem(5000), 'engine', join(folder, 'a/b/c'));
    expect(facts).toBeNull();
    expect(notKnown[0]?.what).toBe('disk-engine');
  });
});

function listen(server: Server, path: string): Promise<void> {
  return new Promise((done) => server.listen(path, done));
}
