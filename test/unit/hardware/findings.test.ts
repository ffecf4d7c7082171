import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { machineFindings } from '../../../src/main/core/hardware/findings/machine-findings.ts';
import type { HardwareCatalog } from '../../../src/main/core/hardware/hardware-catalog.ts';
import { loadHardwareCatalog } from '../../../src/main/core/hardware/load-hardware-catalog.ts';
import { machineRows } from '../../../src/main/core/hardware/machine-rows.ts';
import { vllmGpus } from '../../../src/shared/estimate/vllm-gpus.ts';
import type { Finding } from '../../../src/shared/finding.ts';
import type { Machine } from '../../../src/shared/machine.ts';
import { verdictLine } from '../../../src/shared/verdict-line.ts';
import { gib, goodMachine, gpu } from '../../scenes/machines.ts';

let catalog: HardwareCatalog;
beforeAll(async () => {
  catalog = await loadHardwareCatalog(resolve('resources'));
});

const good = goodMachine();
const cases: [string, Partial<Machine>, string, Finding['severity']][] = [
  ['few cores', { cpu: { ...good.cpu, coresPhysical: 4, threads: 8 } }, 'hardware.cpu', 'amber'],
  ['a CPU quota', { cpu: { ...good.cpu, limitThreads: 2 } }, 'hardware.cpu', 'amber'],
  ['no AVX2', { cpu: { ...good.cpu, hasAvx2: false } }, 'hardware.cpu-avx2', 'red'],
  ['AVX2 not known', { cpu: { ...good.cpu, hasAvx2: null } }, 'hardware.cpu-avx2', 'amber'],
  ['one CPU for the gateway', { cpu: { ...good.cpu, limitThreads: 1 } }, 'hardware.gateway-cpu', 'amber'],
  [
    '16 GiB',
    { memory: { ...good.memory, totalBytes: 16 * gib, availableBytes: 14 * gib } },
    'hardware.memory',
    'amber',
  ],
  ['1 GiB', { memory: { ...good.memory, totalBytes: gib, availableBytes: gib } }, 'hardware.memory', 'red'],
  ['a memory limit', { memory: { ...good.memory, limitBytes: 8 * gib } }, 'hardware.memory-limit', 'amber'],
  ['a small memory limit', { memory: { ...good.memory, limitBytes: gib } }, 'hardware.memory', 'red'],
  ['memory in use', { memory: { ...good.memory, availableBytes: gib } }, 'hardware.memory-available', 'amber'],
  ['swap in use', { memory: { ...good.memory, swapTotalBytes: 64 * gib, swapFreeBytes: 0 } }, 'hardware.swap', 'amber'],
  ['no GPU', { gpus: [] }, 'hardware.gpu', 'amber'],
  [
    'only an Intel display',
    { gpus: [gpu({ vendor: 'intel', isVramTrusted: false, vramSource: 'none' })] },
    'hardware.gpu',
    'amber',
  ],
  [
    'a hanging driver',
    { gpus: [], notKnown: [{ what: 'gpus', why: 'nvidia-smi did not answer within 5 s.' }] },
    'hardware.gpu-not-known',
    'amber',
  ],
  [
    'GPU memory from a list known to be wrong',
    { gpus: [gpu({ vramSource: 'systeminformation', isVramTrusted: false })] },
    'hardware.gpu-memory',
    'amber',
  ],
  [
    'a GPU with 0 B of memory',
    { gpus: [gpu({ vramTotalBytes: 0, vramFreeBytes: 0 })] },
    'hardware.gpu-memory',
    'amber',
  ],
  ['a GPU in use', { gpus: [gpu({ vramFreeBytes: 40 * gib })] }, 'hardware.gpu-in-use', 'amber'],
  ['a split GPU', { gpus: [gpu({ isMigEnabled: true })] }, 'hardware.gpu-mig', 'amber'],
  ['an old driver', { gpus: [gpu({ driverVersion: '535.183.01' })] }, 'hardware.gpu-driver', 'amber'],
  ['an old GPU', { gpus: [gpu({ computeCapability: '6.1' })] }, 'hardware.gpu-capability', 'amber'],
  ['an AMD GPU', { gpus: [gpu({ vendor: 'amd', vramSource: 'amdgpu' })] }, 'hardware.gpu-amd', 'amber'],
  [
    'little space',
    { disks: good.disks.map((disk) => ({ ...disk, freeBytes: 20 * gib })) },
    'hardware.disk-store',
    'amber',
  ],
  ['no space', { disks: good.disks.map((disk) => ({ ...disk, freeBytes: gib })) }, 'hardware.disk-store', 'red'],
  [
    'a stick as store',
    { disks: good.disks.map((disk) => ({ ...disk, filesystem: 'vfat' })) },
    'hardware.filesystem-store',
    'amber',
  ],
  [
    'a desktop without a browser',
    { desktop: { hasDisplay: true, browser: null, hasWindow: false } },
    'hardware.browser',
    'amber',
  ],
  ['no engine', { engine: { ...good.engine, state: 'absent' } }, 'hardware.engine', 'amber'],
  ['a closed engine', { engine: { ...good.engine, state: 'not-permitted' } }, 'hardware.engine', 'amber'],
  ['a silent engine', { engine: { ...good.engine, state: 'not-answering' } }, 'hardware.engine', 'amber'],
  ['an engine without GPUs', { engine: { ...good.engine, runtimes: ['runc'] } }, 'hardware.engine-gpu', 'amber'],
  ['an old Docker', { engine: { ...good.engine, version: '19.03.15' } }, 'hardware.engine-version', 'amber'],
  ['a weak storage driver', { engine: { ...good.engine, storageDriver: 'vfs' } }, 'hardware.engine-storage', 'amber'],
  ['a rootless engine', { engine: { ...good.engine, isRootless: true } }, 'hardware.engine-apart', 'amber'],
  [
    'a rootless Podman',
    { engine: { ...good.engine, product: 'podman', isRootless: true } },
    'hardware.engine-apart',
    'amber',
  ],
  [
    'a Podman without subordinate IDs',
    { engine: { ...good.engine, product: 'podman', isRootless: true, lacks: ['subordinate-ids'] } },
    'hardware.engine-lacks-subordinate-ids',
    'amber',
  ],
  [
    'a Podman without its program for networks',
    { engine: { ...good.engine, product: 'podman', isRootless: true, lacks: ['pasta'] } },
    'hardware.engine-lacks-pasta',
    'amber',
  ],
  ['an NVIDIA GPU and Podman', { engine: { ...good.engine, product: 'podman' } }, 'hardware.engine-gpu', 'amber'],
  [
    'an engine that commands do not look for',
    { engine: { ...good.engine, address: '/run/user/7/podman/podman.sock', isDefault: false } },
    'hardware.engine-address',
    'amber',
  ],
  ['Docker Desktop', { engine: { ...good.engine, isDesktop: true } }, 'hardware.engine-apart', 'amber'],
  [
    'an engine without limits',
    { engine: { ...good.engine, canLimitMemory: false } },
    'hardware.engine-limits',
    'amber',
  ],
  [
    'a rootless engine that drops limits',
    { engine: { ...good.engine, isRootless: true, cgroupVersion: '1' } },
    'hardware.engine-limits',
    'amber',
  ],
  ['a remote engine', { engine: { ...good.engine, isRemote: true } }, 'hardware.engine-remote', 'amber'],
  [
    'a taken port',
    { ports: [{ port: 8000, purpose: 'model server', state: 'taken', owner: { pid: 7, name: 'nginx' } }] },
    'hardware.port-8000',
    'amber',
  ],
  ['another system', { os: { ...good.os, platform: 'darwin' } }, 'hardware.os', 'amber'],
  [
    'an unreadable disk',
    { notKnown: [{ what: 'disk-store', why: 'it hangs' }] },
    'hardware.not-known-disk-store',
    'amber',
  ],
];

describe('machineFindings', () => {
  it('finds nothing wrong with a good machine', () => {
    const findings = machineFindings(good, catalog);
    expect(findings.filter((one) => one.severity !== 'green')).toEqual([]);
    expect(findings.length).toBeGreaterThan(8);
  });

  it.each(cases)('reports %s', (_name, changes, id, severity) => {
    const findings = machineFindings(goodMachine(changes), catalog);
    expect(findings.filter((one) => one.id === id && one.severity === severity)).not.toEqual([]);
  });

  it.each(cases)('has a remedy for %s, and sorts red findings first', (_name, changes) => {
    const findings = machineFindings(goodMachine(changes), catalog);
    for (const one of findings.filter((each) => each.severity !== 'green')) {
      expect(one.remedies.length).toBeGreaterThan(0);
      expect(one.consequence).toBeTruthy();
    }
    const order = findings.map((one) => ['red', 'amber', 'green'].indexOf(one.severity));
    expect(order).toEqual([...order].sort());
  });

  it('does not count a GPU with 0 B of memory', () => {
    const machine = goodMachine({ gpus: [gpu({ vramTotalBytes: 0, vramFreeBytes: 0 })] });
    expect(verdictLine(machine)).toMatch(/^No usable GPU/);
    expect(vllmGpus({ gpus: machine.gpus, links: [] }).devices).toEqual([]);
    const texts = JSON.stringify([machineFindings(machine, catalog), machineRows(machine)]);
    expect(texts).toContain('reports 0 B of memory');
    expect(texts).not.toMatch(/of 0 B|0 B of 0 B/);
  });

  it('sends a rootless Podman to an address of the machine and not to another engine', () => {
    const engine = { ...good.engine, product: 'podman' as const, isRootless: true };
    const found = machineFindings(goodMachine({ engine, gpus: [] }), catalog);
    const texts = JSON.stringify(found.filter((one) => one.id.startsWith('hardware.engine')));
    expect(texts).toContain('front.host');
    expect(texts).not.toMatch(/cannot be deployed here/);
  });

  it('accepts 32 GB as sold, of which the system shows slightly less than 32 GiB', () => {
    const memory = { ...good.memory, totalBytes: 31.1 * gib, availableBytes: 28 * gib };
    expect(
      machineFindings(goodMachine({ memory }), catalog).find((one) => one.id === 'hardware.memory')?.severity,
    ).toBe('green');
  });

  it.each([
    ['not-writable', 'Cannot write to'],
    ['not-a-folder', 'is not a folder'],
  ] as const)('is red where no weights can be stored: %s', (access, words) => {
    const disks = goodMachine().disks.map((one) => (one.use === 'store' ? { ...one, access } : one));
    const found = machineFindings(goodMachine({ disks }), catalog).find((one) => one.id === 'hardware.store-unusable');
    expect(found).toMatchObject({ severity: 'red', title: expect.stringContaining(words) });
    const remedies = JSON.stringify(found?.remedies);
    expect(remedies).toContain('ls -ld');
  });

  it.each([
    ['past the cache', { isDirect: true }, false],
    ['inside the store', { isDirect: true, path: '/srv/sealift/store/model' }, false],
    ['perhaps out of memory', { isDirect: false }, true],
    ['of another disk', { isDirect: true, path: '/mnt/stick' }, true],
  ])('assumes that a disk rotates unless its speed was measured: %s', (_what, measured, isSaid) => {
    const disks = good.disks.map((one) => ({ ...one, path: '/srv/sealift/store', isRotational: true }));
    const diskSpeed = { path: '/srv/sealift/store', bytesPerSecond: 3e9, readBytes: 1e9, ...measured };
    const rows = Object.fromEntries(machineRows(goodMachine({ disks, diskSpeed })));
    expect(rows['Disk speed']?.includes('possibly from the page cache')).toBe(!measured.isDirect);
    const ids = machineFindings(goodMachine({ disks, diskSpeed }), catalog).map((one) => one.id);
    expect(ids.includes('hardware.disk-rotational')).toBe(isSaid);
  });

  it('notes that only threads were judged if the number of cores is unknown', () => {
    const size = (cpu: Machine['cpu']) =>
      machineFindings(goodMachine({ cpu }), catalog).find((one) => one.id === 'hardware.cpu')?.howWeKnow;
    expect(size({ ...good.cpu, coresPhysical: null })).toContain('judged by threads alone');
    expect(size(good.cpu)).not.toContain('judged by threads alone');
  });

  it('passes a path with spaces and dots to SELinux unchanged', () => {
    const disks = good.disks.map((one) => ({ ...one, path: "/srv/it's v1.2" }));
    const security = { ...good.security, selinux: 'enforcing' as const };
    const engine = { ...good.engine, product: 'podman' as const };
    const found = machineFindings(goodMachine({ disks, security, engine }), catalog);
    const remedies = JSON.stringify(found.find((one) => one.id === 'hardware.selinux')?.remedies);
    expect(remedies).toContain(JSON.stringify(String.raw`'/srv/it'\''s v1\.2(/.*)?'`).slice(1, -1));
    expect(remedies).toContain(JSON.stringify(String.raw`restorecon -R '/srv/it'\''s v1.2'`).slice(1, -1));
  });

  it('reports each finding once, including those that several GPUs of one kind share', () => {
    const busy = gpu({ vramFreeBytes: gib });
    const other = gpu({ vramFreeBytes: 2 * gib });
    const found = machineFindings(goodMachine({ gpus: [busy, busy, other] }), catalog);
    const ids = found.map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
    const inUse = found.filter((one) => one.id.startsWith('hardware.gpu-in-use'));
    expect(inUse.map((one) => one.id)).toEqual(['hardware.gpu-in-use', 'hardware.gpu-in-use-2']);
    expect(inUse[0]?.title).toMatch(/^2 × /);
    expect(inUse[1]?.title).not.toContain('×');
  });

  it('names the process that uses a port, or notes that it cannot be determined', () => {
    const port = { port: 5052, purpose: 'AI Gateway', state: 'taken' as const, owner: null };
    const seen = machineFindings(goodMachine({ ports: [{ ...port, owner: { pid: 4711, name: 'python3' } }] }), catalog);
    expect(seen.find((one) => one.id === 'hardware.port-5052')?.title).toContain('python3 (process 4711)');
    const unseen = machineFindings(goodMachine({ ports: [port] }), catalog);
    expect(unseen.find((one) => one.id === 'hardware.port-5052')?.title).toContain('cannot see');
  });
});

describe('messages of nvidia-smi', () => {
  const lost = 'Unable to determine the device handle for GPU0000:BA:00.0: Unknown Error';
  const listed: [string, string, RegExp, RegExp][] = [
    ['WARNING: infoROM is corrupted at gpu 0000:B3:00.0', 'inforom', /^GPU 0000:B3:00.0: its infoROM/, /manufacturer/],
    ['nvidia-smi exited with code 14', 'inforom', /infoROM/, /manufacturer/],
    [lost, 'lost', /^GPU 0000:BA:00.0 is lost/, /Restart this machine/],
    ['Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost.  Reboot', 'lost', /02:00.0/, /Xid 79/],
    ['nvidia-smi exited with code 15', 'lost', /lost/, /Restart/],
    ['nvidia-smi exited with code 8', 'power', /power cable/, /Switch this machine off/],
    ['nvidia-smi exited with code 10', 'interrupt', /interrupts/, /Restart/],
    ['GPU 0000:02:00.0: GPU requires reset', 'needs-reset', /must be reset/, /--gpu-reset/],
    ['Warning: persistence mode is disabled on device', 'message', /persistence mode/, /nvidia-smi/],
  ];
  it.each(listed)('is beside the counted GPUs: %s', (message, id, title, remedy) => {
    const findings = machineFindings(goodMachine({ gpuMessages: [message] }), catalog);
    const found = findings.find((one) => one.id === `hardware.gpu-${id}`);
    expect(found?.title).toMatch(title);
    expect(JSON.stringify(found?.remedies)).toMatch(remedy);
    expect(JSON.stringify(findings)).not.toContain('modprobe');
    expect(findings.find((one) => one.id === 'hardware.gpu')).toMatchObject({ severity: 'green' });
  });

  it.each([
    ['nvidia-smi: Failed to initialize NVML: Driver/library version mismatch', /different versions/, /Restart/],
    ["nvidia-smi: NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", /loaded/, /modprobe/],
    ["nvidia-smi: NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.", /libnvidia-ml/, /install/],
    ['nvidia-smi: Failed to initialize NVML: Unknown Error', /cut off/, /restart it/],
    ['nvidia-smi: Failed to initialize NVML: Insufficient Permissions', /does not let/, /as root/],
    ['nvidia-smi: Failed to initialize NVML: GPU access blocked by the operating system', /blocks/, /wsl --shutdown/],
    ['This machine has 2 NVIDIA devices, but nvidia-smi shows 0.', /does not show all/, /lspci/],
    ['nvidia-smi printed something other than a list of GPUs: <html>', /unknown/, /which program/],
  ])('is the cause where there is no list: %s', (why, title, remedy) => {
    const machine = goodMachine({ gpus: [gpu({ vramSource: 'none', isVramTrusted: false, name: null })] });
    const findings = machineFindings({ ...machine, notKnown: [{ what: 'gpus', why }] }, catalog);
    const found = findings.filter((one) => one.id.startsWith('hardware.gpu-not-known'));
    expect(found).toHaveLength(1);
    expect(found[0]?.title).toMatch(title);
    expect(JSON.stringify(found[0]?.remedies)).toMatch(remedy);
    expect(findings.map((one) => one.id)).not.toContain('hardware.gpu-memory');
  });

  it.each(['GPU requires reset', 'GPU is lost', 'Insufficient Permissions', 'Unknown Error', 'ERR!'])(
    'stands in place of one GPU’s figures: %s',
    (driverSays) => {
      const sick = gpu({ driverSays, isVramTrusted: false, vramTotalBytes: null, vramFreeBytes: null });
      const findings = machineFindings(goodMachine({ gpus: [gpu(), sick] }), catalog);
      const about = findings.filter((one) => one.title.includes('GPU 1, NVIDIA H100'));
      expect(about).toHaveLength(1);
      expect(JSON.stringify(about[0]?.remedies)).toMatch(/dmesg|Restart|reset|permission|root/i);
      expect(JSON.stringify(findings)).not.toMatch(/modprobe|[Ii]nstall the NVIDIA driver/);
    },
  );
});

describe('verdictLine', () => {
  it.each([
    [goodMachine(), '79.5 GiB of GPU memory is free on 1 GPU.'],
    [goodMachine({ gpus: [gpu(), gpu()] }), '159 GiB of GPU memory is free on 2 GPUs.'],
    [goodMachine({ gpus: [] }), 'No usable GPU: small models can run on the CPU, within 240 GiB of available memory.'],
    [
      goodMachine({ gpus: [gpu({ isVramTrusted: false })], memory: { ...good.memory, availableBytes: null } }),
      'No usable GPU, and the amount of available memory is unknown.',
    ],
    [
      goodMachine({
        gpus: [gpu({ vendor: 'amd', vramTotalBytes: gib / 2, vramFreeBytes: 0.4 * gib, isIntegrated: true })],
        memory: { ...goodMachine().memory, availableBytes: 60 * gib },
      }),
      'No usable GPU: small models can run on the CPU, within 60.0 GiB of available memory.',
    ],
  ])('is one plain sentence', (machine, line) => expect(verdictLine(machine)).toBe(line));
});
