import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  parseCpuMax,
  parseMemoryLimit,
  parseMemoryStat,
  parseProcCgroup,
} from '../../../src/main/core/hardware/cgroup.ts';
import { engineFacts, parseDockerHost, usualSockets } from '../../../src/main/core/hardware/container-engine.ts';
import { cpuFacts, parseCpuinfo } from '../../../src/main/core/hardware/cpu.ts';
import { mountOf, parseMountinfo } from '../../../src/main/core/hardware/disks.ts';
import { gpusFromLibrary } from '../../../src/main/core/hardware/gpus.ts';
import { memoryFacts, parseMeminfo } from '../../../src/main/core/hardware/memory.ts';
import { parseOsRelease, parseSwVers } from '../../../src/main/core/hardware/operating-system.ts';
import { rootlessLacks } from '../../../src/main/core/hardware/podman-info.ts';
import { parseProcNetTcp } from '../../../src/main/core/processes/port-owner.ts';

const gib = 2 ** 30;

function cpuBlock(processor: number, socket: number, core: number): string {
  return `processor\t: ${processor}\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz\nphysical id\t: ${socket}\ncore id\t\t: ${core}\nflags\t\t: fpu avx avx2 avx512f avx512_vnni\n`;
}

describe('parseCpuinfo', () => {
  it('counts cores of two sockets with two threads each', () => {
    const text = [cpuBlock(0, 0, 0), cpuBlock(1, 0, 0), cpuBlock(2, 1, 0), cpuBlock(3, 1, 0)].join('\n');
    expect(parseCpuinfo(text)).toMatchObject({
      model: 'Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz',
      coresPhysical: 2,
      threads: 4,
    });
  });

  it('does not know the cores of an Arm machine, which does not report them', () => {
    const text =
      'processor\t: 0\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd evtstrm\nCPU implementer\t: 0x41\n\nprocessor\t: 1\nFeatures\t: fp asimd\n\nHardware\t: BCM2835\nModel\t\t: Raspberry Pi 4 Model B\n';
    expect(parseCpuinfo(text)).toEqual({
      model: 'Raspberry Pi 4 Model B',
      coresPhysical: null,
      threads: 2,
      flags: ['fp', 'asimd', 'evtstrm'],
    });
  });

  it.each(['', 'garbage', ':::\n\n:::', '\u0000'.repeat(100), '<html>'])('derives nothing from %j', (text) => {
    expect(parseCpuinfo(text)).toEqual({ model: null, coresPhysical: null, threads: null, flags: null });
  });
});

describe('cpuFacts', () => {
  const none = { model: null, coresPhysical: null, threads: null, flags: null };
  const x64 = { architecture: 'x64', threads: 4 };
  it('says that AVX2 is not known when no flags are listed', () => {
    expect(cpuFacts([none], x64, null)).toMatchObject({ hasAvx2: null, hasAvx512: null });
  });
  it('says no when the flags lack it, and uses the first reading that lists flags', () => {
    const readings = [none, { ...none, flags: ['sse4_2', 'avx'], threads: 4 }, { ...none, flags: ['avx2'] }];
    expect(cpuFacts(readings, x64, 1.5)).toMatchObject({ hasAvx2: false, threads: 4, limitThreads: 1.5 });
  });
  it('expects no AVX from other processors', () => {
    expect(cpuFacts([none], { architecture: 'arm64', threads: 4 }, null)).toMatchObject({ hasAvx2: false });
  });
});

describe('memory', () => {
  const meminfo =
    'MemTotal:       32768000 kB\nMemFree:         1000000 kB\nMemAvailable:   16384000 kB\nSwapTotal:       2097148 kB\nSwapFree:        2097148 kB\n';
  const none = { memoryLimitBytes: null, memoryUsedBytes: null, cpuThreads: null };

  it('reads /proc/meminfo, whose kB are KiB', () => {
    expect(parseMeminfo(meminfo)).toEqual({
      totalBytes: 32768000 * 1024,
      availableBytes: 16384000 * 1024,
      swapTotalBytes: 2097148 * 1024,
      swapFreeBytes: 2097148 * 1024,
      hugepagesBytes: null,
    });
  });

  it.each(['', 'MemTotal: many kB\n', 'MemTotal: 12 MB\n', 'MemAvailable: 99999999999999999999999 kB\n'])(
    'derives nothing from %j',
    (text) => {
      expect(parseMeminfo(text)).toMatchObject({ totalBytes: null, availableBytes: null });
    },
  );

  it('never promises more than the control group leaves', () => {
    const limits = { ...none, memoryLimitBytes: 4 * gib, memoryUsedBytes: gib };
    expect(memoryFacts(parseMeminfo(meminfo), limits, 0)).toMatchObject({
      limitBytes: 4 * gib,
      availableBytes: 3 * gib,
    });
  });

  it('ignores a limit above what the machine has', () => {
    const facts = memoryFacts(parseMeminfo(meminfo), { ...none, memoryLimitBytes: 900 * gib }, 0);
    expect(facts).toMatchObject({ limitBytes: null, availableBytes: 16384000 * 1024 });
  });

  it('does not guess what is available', () => {
    expect(memoryFacts(parseMeminfo('MemTotal: 1000 kB'), none, 0).availableBytes).toBeNull();
  });
});

describe('control groups', () => {
  it('reads version 2, version 1 and both', () => {
    expect(parseProcCgroup('0::/system.slice/docker-abc.scope\n')).toEqual({
      v2: '/system.slice/docker-abc.scope',
      v1: new Map(),
    });
    const both = parseProcCgroup('4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n1:name=systemd:/x\n0::/\n');
    expect(both.v1.get('memory')).toBe('/docker/abc');
    expect(both.v1.get('cpu')).toBe('/docker/abc');
    expect(parseProcCgroup('nonsense').v2).toBeNull();
  });
  it.each([
    ['4294967296\n', 4294967296],
    ['max\n', null],
    ['9223372036854771712\n', null],
    ['-1', null],
    ['', null],
    ['4G', null],
  ])('reads the memory limit %j as %s', (text, limit) => expect(parseMemoryLimit(text)).toBe(limit));
  it.each([
    ['200000 100000\n', 2],
    ['50000 100000', 0.5],
    ['max 100000', null],
    ['-1 100000', null],
    ['100000 0', null],
    ['', null],
  ])('reads the quota %j as %s', (text, threads) => expect(parseCpuMax(text)).toBe(threads));
  it('finds a row of memory.stat and not one that only ends like it', () => {
    const text = 'total_inactive_file 7\ninactive_file 4096\n';
    expect(parseMemoryStat(text, 'inactive_file')).toBe(4096);
    expect(parseMemoryStat('', 'inactive_file')).toBe(0);
  });
});

describe('mounts', () => {
  const text = [
    '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
    '90 22 8:17 / /srv/big\\040disk rw - xfs /dev/sdb1 rw',
    '91 22 0:50 / /srv rw - nfs4 10.0.0.2:/srv rw',
    '95 22 8:33 / /srv rw - ext4 /dev/sdc1 rw',
    'broken line',
  ].join('\n');

  it('undoes escapes and leaves out what it cannot read', () => {
    expect(parseMountinfo(text)).toHaveLength(4);
    expect(parseMountinfo(text)[1]).toEqual({ mountPoint: '/srv/big disk', filesystem: 'xfs', device: '8:17' });
  });
  it.each([
    ['/srv/big disk/store', 'xfs'],
    ['/srv/bigger', 'ext4'],
    ['/srvx', 'ext4'],
    ['/', 'ext4'],
  ])('finds the filesystem of %s: %s', (path, filesystem) => {
    expect(mountOf(path, parseMountinfo(text))?.filesystem).toBe(filesystem);
  });
  it('takes the topmost mount', () => {
    expect(mountOf('/srv/x', parseMountinfo(text))?.filesystem).toBe('ext4');
  });
  it('finds nothing in an empty list', () => expect(mountOf('/x', [])).toBeUndefined());
});

describe('GPUs as the library lists them', () => {
  it('keeps but does not trust the 4,095 MB and 256 MB of systeminformation', () => {
    const base = { vendor: 'NVIDIA', bus: 'PCIe', vramDynamic: false };
    const gpus = gpusFromLibrary(
      [
        { ...base, model: 'NVIDIA GeForce RTX 4090', vram: 4095 },
        { ...base, model: 'NVIDIA GeForce GTX 970', vram: 256 },
        { ...base, vendor: 'Microsoft', model: 'Basic Display Adapter', vram: 64 },
      ],
      false,
    );
    expect(gpus).toMatchObject([
      { vramSource: 'systeminformation', isVramTrusted: false, vramTotalBytes: 4095 * 2 ** 20 },
      { vramSource: 'systeminformation', isVramTrusted: false, vramTotalBytes: 256 * 2 ** 20 },
    ]);
  });
});

describe('engine', () => {
  it.each([
    ['unix:///run/user/1000/docker.sock', { kind: 'socket', path: '/run/user/1000/docker.sock' }],
    ['tcp://10.0.0.5:2376', { kind: 'tcp', host: '10.0.0.5', port: 2376, text: 'tcp://10.0.0.5:2376' }],
    ['tcp://[::1]', { kind: 'tcp', host: '::1', port: 2375, text: 'tcp://[::1]' }],
    ['ssh://root@host', { kind: 'unusable', text: 'ssh://root@host' }],
    ['tcp://host:99999', { kind: 'unusable', text: 'tcp://host:99999' }],
    ['nonsense', { kind: 'unusable', text: 'nonsense' }],
  ])('reads DOCKER_HOST %s', (text, address) => expect(parseDockerHost(text)).toEqual(address));

  const info = {
    ServerVersion: '28.3.0',
    Driver: 'overlayfs',
    DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
    DockerRootDir: '/var/lib/docker',
    CgroupVersion: '2',
    Runtimes: { runc: {}, nvidia: {} },
    SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'],
    DiscoveredDevices: [{ Source: 'cdi', ID: 'nvidia.com/gpu=0' }],
    OperatingSystem: 'Ubuntu 24.04.1 LTS',
    MemoryLimit: true,
  };
  it('reads what Docker reports', () => {
    expect(engineFacts(info, { Components: [{ Name: 'Engine' }] }, 's', false)).toMatchObject({
      state: 'running',
      product: 'docker',
      imageStore: 'containerd',
      runtimes: ['nvidia', 'runc'],
      cdiDevices: ['nvidia.com/gpu=0'],
      isRootless: true,
      isDesktop: false,
      canLimitMemory: true,
      dataRoot: '/var/lib/docker',
      storageDriver: 'overlayfs',
      cgroupVersion: '2',
    });
  });
  it.each([
    [{ OperatingSystem: 'Docker Desktop' }, { isDesktop: true }],
    [
      { OperatingSystem: undefined, MemoryLimit: 'yes' },
      { isDesktop: null, canLimitMemory: null },
    ],
    [
      { MemoryLimit: false, CgroupVersion: '1' },
      { canLimitMemory: false, cgroupVersion: '1' },
    ],
    [{ SecurityOptions: ['name=seccomp,profile=default'] }, { isRootless: false }],
    [{ SecurityOptions: null }, { isRootless: null }],
    [{ SecurityOptions: null, Rootless: true }, { isRootless: true }],
    [
      { Driver: 'vfs', DriverStatus: [] },
      { storageDriver: 'vfs', imageStore: 'classic' },
    ],
  ])('reads %j', (change, facts) => {
    expect(engineFacts({ ...info, ...change }, {}, 's', false)).toMatchObject(facts);
  });
  it.each([
    ['with a range and slirp4netns', { uids: 65_537, slirp: '/usr/bin/slirp4netns' }, []],
    ['without a range', { uids: 1, slirp: '/usr/bin/slirp4netns' }, ['subordinate-ids']],
    ['without slirp4netns', { uids: 65_537, slirp: '' }, ['slirp4netns']],
    ['with pasta', { uids: 65_537, slirp: '', command: 'pasta', pasta: '/usr/bin/pasta' }, []],
    ['without pasta', { uids: 65_537, slirp: '/usr/bin/slirp4netns', command: 'pasta', pasta: '' }, ['pasta']],
    ['without anything', { uids: 1, slirp: '' }, ['subordinate-ids', 'slirp4netns']],
  ] as const)('knows a rootless Podman %s', (_name, { uids, slirp, ...more }, lacks) => {
    const { command, pasta } = { command: undefined, pasta: undefined, ...more };
    const uidmap = [{ container_id: 0, host_id: 1000, size: 1 }, ...(uids > 1 ? [{ size: uids - 1 }] : [])];
    const host = { idMappings: { uidmap }, slirp4netns: { executable: slirp }, rootlessNetworkCmd: command };
    expect(rootlessLacks({ host: { ...host, pasta: { executable: pasta } } })).toEqual(lacks);
  });

  it.each([undefined, null, 'html', {}, { host: 7 }])('does not guess from %j what a Podman lacks', (answer) => {
    expect(rootlessLacks(answer)).toEqual([]);
  });

  it('looks for a rootless Podman of this user, with and without a login session', () => {
    const places = usualSockets({ XDG_RUNTIME_DIR: '/run/user/7' });
    expect(places.at(0)).toBe('/var/run/docker.sock');
    expect(places).toContain('/run/user/7/podman/podman.sock');
    expect(usualSockets({})).toContain(`/run/user/${userInfo().uid}/podman/podman.sock`);
  });

  it('knows Podman by its own name', () => {
    expect(engineFacts(info, { Components: [{ Name: 'Podman Engine' }] }, 's', false)?.product).toBe('podman');
  });
  it('leaves out fields that are nonsense and refuses an answer without a version', () => {
    expect(
      engineFacts({ ServerVersion: '1', Runtimes: 7, DriverStatus: 'x', Driver: {} }, null, 's', false),
    ).toMatchObject({
      version: '1',
      runtimes: [],
      storageDriver: null,
    });
    for (const answer of [null, [], 'x', {}, { ServerVersion: '' }])
      expect(engineFacts(answer, {}, 's', false)).toBeNull();
  });
});

describe('system', () => {
  it('reads os-release with and without quotes', () => {
    const rocky = 'NAME="Rocky Linux"\nID="rocky"\nVERSION_ID="9.4"\nPRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\n';
    expect(parseOsRelease(rocky)).toEqual({ id: 'rocky', name: 'Rocky Linux 9.4 (Blue Onyx)', version: '9.4' });
    const alpine = "NAME=Alpine\nVERSION_ID='3.20'\nID=alpine\n";
    expect(parseOsRelease(alpine)).toEqual({ id: 'alpine', name: 'Alpine', version: '3.20' });
    expect(parseOsRelease('rubbish')).toEqual({ id: null, name: null, version: null });
  });
  it('reads sw_vers', () => {
    expect(parseSwVers('ProductName:\t\tmacOS\nProductVersion:\t\t14.5\nBuildVersion:\t\t23F79\n')).toEqual({
      id: null,
      name: 'macOS',
      version: '14.5',
    });
  });
});

describe('listening sockets', () => {
  it('takes only those that listen', () => {
    const text = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0 100 0 0 10 0',
      '   1: 0100007F:1F41 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 12346 1 0 100 0 0 10 0',
      '   2: 00000000000000000000000000000000:13BC 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 777 1',
      'garbage',
    ].join('\n');
    expect(parseProcNetTcp(text)).toEqual([
      { port: 8000, inode: '12345' },
      { port: 5052, inode: '777' },
    ]);
  });
});
