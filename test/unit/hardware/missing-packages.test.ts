import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineFindings } from '../../../src/main/core/hardware/findings/machine-findings.ts';
import { loadHardwareCatalog } from '../../../src/main/core/hardware/load-hardware-catalog.ts';
import { notCarried, withStoredPackages } from '../../../src/main/core/hardware/missing-packages.ts';
import { isFor, type PackageSystem } from '../../../src/main/core/store/carried-packages.ts';
import type { CarriedPackages, PackageUse } from '../../../src/shared/carried-packages.ts';
import { carryOut } from '../../../src/shared/carry-out.ts';
import type { Machine } from '../../../src/shared/machine.ts';
import { goodMachine, gpu } from '../../scenes/machines.ts';

const catalog = await loadHardwareCatalog(resolve('resources'));
const good = goodMachine();
const ubuntu = { system: 'ubuntu', version: '24.04', architecture: 'x64' } as const;

describe('packages for a machine', () => {
  const noble: PackageSystem = { id: 'ubuntu', version: '24.04', architecture: 'x64' };
  it.each<[string, Partial<CarriedPackages>, Partial<PackageSystem>, boolean]>([
    ['the same release', {}, {}, true],
    ['a point release of theirs', { system: 'rhel', version: '9' }, { id: 'rhel', version: '9.4' }, true],
    ['a release that only looks alike', { system: 'rhel', version: '9' }, { id: 'rhel', version: '90.1' }, false],
    ['an older point release', { system: 'rhel', version: '9.4' }, { id: 'rhel', version: '9' }, false],
    ['another release', { version: '22.04' }, {}, false],
    ['another distribution', {}, { id: 'debian' }, false],
    ['another processor', { architecture: 'arm64' }, {}, false],
    ['a system without a name', {}, { id: null, version: null }, false],
    ['a rolling release', {}, { version: null }, false],
  ])('on %s', (_what, packages, here, fits) => {
    expect(isFor({ provides: 'browser', ...ubuntu, ...packages }, { ...noble, ...here })).toBe(fits);
  });
});

const bare = gpu({ driverVersion: null, vramSource: 'none', isVramTrusted: false });
const cases: [string, Partial<Machine>, PackageUse, string][] = [
  ['an engine', { engine: { ...good.engine, state: 'absent' } }, 'container-engine', 'hardware.engine'],
  [
    'the toolkit',
    { engine: { ...good.engine, runtimes: ['runc'] }, gpuToolkit: { nvidiaCtk: null, cdiSpecs: [] } },
    'nvidia-toolkit',
    'hardware.engine-gpu',
  ],
  [
    'the driver',
    { gpus: [bare], notKnown: [{ what: 'gpus', why: 'nvidia-smi is not installed.' }] },
    'nvidia-driver',
    'hardware.gpu-not-known',
  ],
  ['a browser', { desktop: { hasDisplay: true, browser: null, hasWindow: false } }, 'browser', 'hardware.browser'],
];

describe.each(cases)('a machine that lacks %s', (_what, changes, provides, id) => {
  const machine = goodMachine(changes);
  const sets = [
    { name: 'right', packages: { provides, ...ubuntu } },
    { name: 'other', packages: { provides, ...ubuntu, version: '22.04' } },
    { name: 'notes' },
  ];

  it('gets as first remedy to install the packages in the store that are for it', () => {
    const findings = withStoredPackages(machineFindings(machine, catalog), machine, sets);
    const [first, ...others] = findings.find((one) => one.id === id)?.remedies ?? [];
    expect(first).toMatchObject({ kind: 'call', command: 'sealift packages install right' });
    expect(others.length).toBeGreaterThan(0);
    expect(JSON.stringify(others)).not.toContain('packages install');
  });

  it('is told of to whoever packs, also from a file that leaves names out', () => {
    const { machine: carried } = carryOut({
      kind: 'sealift.readiness',
      version: 1,
      createdAt: '2026-11-29T00:00:00Z',
      toolVersion: '1.0.0',
      machine,
      findings: [],
    });
    expect(notCarried(carried, sets, catalog.rpmPackages)).not.toContainEqual(
      expect.stringContaining('no packages with it'),
    );
    expect(notCarried(carried, sets.slice(1), catalog.rpmPackages)).toContainEqual(
      expect.stringMatching(/lacks .* ubuntu 24[.]04[.]$/),
    );
  });
});

it('lists what a person fetches for a distribution with RPM packages', () => {
  const rocky = { ...good.os, id: 'rocky', version: '9.4' };
  const machine = goodMachine({ os: rocky, engine: { ...good.engine, state: 'absent' } } as never);
  const { rpmPackages } = catalog;
  expect(notCarried(machine, [], rpmPackages)).toEqual([
    expect.stringMatching(
      /for rocky 9\.4\. To fetch podman .* rocky 9\.4 .* dnf download --resolve --alldeps .* podman\./,
    ),
  ]);
  const packages = {
    provides: 'container-engine' as const,
    system: 'rocky',
    version: '9',
    architecture: 'x64' as const,
  };
  expect(notCarried(machine, [{ name: 'rpms', packages }], rpmPackages)).toEqual([]);
  const seen = (isVerified: boolean) => ({
    ...rpmPackages,
    packages: rpmPackages.packages.map((one) => ({ ...one, isVerified })),
  });
  expect(notCarried(machine, [], seen(false)).join()).toContain('podman (a name that was not verified) with');
  expect(notCarried(machine, [], seen(true)).join()).toContain('To fetch podman with');
});

it('says of a machine that came from outside only one line for each thing', () => {
  const os = { ...good.os, id: 'rhel', version: `9\n\nTrust this key: \u001b[1ma b c${' d'.repeat(200)}`, name: null };
  const lines = notCarried(goodMachine({ os, engine: { ...good.engine, state: 'absent' } }), [], catalog.rpmPackages);
  expect(lines).toEqual([expect.stringContaining('for rhel 9 Trust this key: \\u{1b}[1ma b c')]);
  expect(lines.join()).not.toMatch(/\p{C}|( d){20}/u);
});

it('leaves a good machine as it is', () => {
  const findings = machineFindings(good, catalog);
  const sets = [{ name: 'all', packages: { provides: 'container-engine' as const, ...ubuntu } }];
  expect(withStoredPackages(findings, good, sets)).toEqual(findings);
  expect(notCarried(good, [], catalog.rpmPackages)).toEqual([]);
});
