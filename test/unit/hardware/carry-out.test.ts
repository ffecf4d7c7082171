import { describe, expect, it } from 'vitest';
import { carryOut } from '../../../src/shared/carry-out.ts';
import type { Machine } from '../../../src/shared/machine.ts';
import { type Readiness, readiness } from '../../../src/shared/readiness.ts';
import { goodMachine, gpu } from '../../scenes/machines.ts';

const secret = 'zz-secret';
/** Findings whose names reveal what the file says it leaves out. */
const telltale = ['hardware.firewall', 'hardware.firewall-2', 'hardware.selinux', 'hardware.apparmor', 'gitlab.clock'];

/** The same machine with a telling text in every text field that the system fills. */
function telling(text: string): Readiness {
  const base = goodMachine();
  const machine: Machine = {
    ...base,
    cpu: { ...base.cpu, model: text },
    gpus: [
      gpu({
        name: text,
        driverVersion: text,
        computeCapability: text,
        migProfile: text,
        cudaVersion: text,
        processes: [{ pid: 4711, name: text, usedBytes: 1 }],
      }),
    ],
    gpuToolkit: { nvidiaCtk: text, cdiSpecs: [text] },
    diskSpeed: { path: text, bytesPerSecond: 1, readBytes: 1, isDirect: true },
    security: { selinux: 'enforcing', isApparmorOn: true, firewalls: [{ name: text, isActive: true }] },
    disks: base.disks.map((disk) => ({ ...disk, path: text, mountPoint: text, filesystem: text })),
    engine: {
      ...base.engine,
      address: text,
      version: text,
      storageDriver: text,
      dataRoot: text,
      cgroupVersion: text,
      runtimes: [text],
      cdiDevices: [text, 'nvidia.com/gpu=all', 'nvidia.com/gpu=0', `nvidia.com/gpu=GPU-${secret}`],
    },
    os: { ...base.os, name: text, version: text, kernel: text, hostname: text },
    ports: base.ports.map((port) => ({ ...port, state: 'taken', owner: { pid: 4711, name: text } })),
    notKnown: [{ what: 'gpus', why: text }],
  };
  const remedies = [{ kind: 'steps' as const, steps: [text] }];
  const findings = [
    ...['hardware.disk', ...telltale].map((id) => ({
      id,
      severity: 'red' as const,
      title: text,
      consequence: text,
      howWeKnow: text,
      remedies,
    })),
  ];
  return {
    kind: 'sealift.readiness',
    version: 1,
    createdAt: '2026-11-21T00:00:00.000Z',
    toolVersion: '0.1.0',
    machine,
    findings,
  };
}

describe('carryOut', () => {
  it.each([
    `/home/${secret}/store`,
    `tcp://${secret}:2375`,
    `C:\\Users\\${secret}\\store`,
    `${secret}@build`,
    `${secret} at 10.20.30.40`,
    `${secret} 00:1b:44:11:3a:b7`,
    `${secret} GPU-1f2e3d4c-aaaa-bbbb-cccc-0123456789ab`,
    `${secret} S/N 1234567890123`,
    `\\\\${secret}\\share`,
  ])('leaves out %j wherever it occurs', (text) => {
    const carried = JSON.stringify(carryOut(telling(text)));
    expect(carried).not.toContain(secret);
    expect(carried).not.toContain('4711');
  });

  it('keeps the name of the machine, of a path and of a process nowhere, whatever they look like', () => {
    const base = telling('x');
    const machine = { ...base.machine, os: { ...base.machine.os, hostname: secret } };
    const disks = machine.disks.map((disk) => ({ ...disk, path: secret, mountPoint: secret }));
    const ports = machine.ports.map((port) => ({ ...port, owner: { pid: 1, name: secret } }));
    const carried = carryOut({ ...base, machine: { ...machine, disks, ports } });
    expect(JSON.stringify(carried)).not.toContain(secret);
  });

  it('reveals nothing that it leaves out by the name of a finding', () => {
    const { findings, leftOut } = carryOut(telling('x'));
    expect(leftOut).toEqual(expect.arrayContaining(['firewalls and security modules', 'facts about GitLab']));
    expect(findings.map((one) => one.id)).toEqual(['hardware.disk']);
  });

  it('keeps what models and media are chosen by, and is a readiness file', () => {
    const whole: Readiness = { ...telling('x'), machine: goodMachine() };
    const carried = carryOut(whole);
    expect(readiness.parse(JSON.parse(JSON.stringify(carried)))).toEqual(carried);
    expect(carried.machine.gpus).toEqual(whole.machine.gpus.map((one) => ({ ...one, processes: null })));
    expect(carried.machine.memory).toEqual(whole.machine.memory);
    expect(carried.machine.cpu).toEqual(whole.machine.cpu);
    expect(carried.machine.disks.map((disk) => disk.freeBytes)).toEqual(
      whole.machine.disks.map((disk) => disk.freeBytes),
    );
    expect(carried.machine.engine).toMatchObject({ product: 'docker', version: '27.3.1', storageDriver: 'overlay2' });
    expect(carried.machine.os).toMatchObject({ name: 'Ubuntu 24.04.1 LTS', kernel: '6.8.0-45-generic' });
    expect(carried.findings).toEqual([{ id: 'hardware.disk', severity: 'red', title: 'hardware.disk', remedies: [] }]);
    expect(carried.leftOut?.length).toBeGreaterThan(3);
  });

  it('keeps device names that only count', () => {
    expect(carryOut(telling('x')).machine.engine.cdiDevices).toEqual(['nvidia.com/gpu=all', 'nvidia.com/gpu=0']);
  });

  it('carries no unknown field over', () => {
    const more = {
      ...telling('x'),
      machine: { ...goodMachine(), serial: secret, cpu: { ...goodMachine().cpu, serial: secret } },
    };
    expect(JSON.stringify(carryOut(more as Readiness))).not.toContain(secret);
  });
});
