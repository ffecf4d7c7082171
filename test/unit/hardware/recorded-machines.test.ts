import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { collectSystem } from '../../../src/main/core/hardware/collect-machine.ts';
import { engineFacts } from '../../../src/main/core/hardware/container-engine.ts';
import { machineFindings } from '../../../src/main/core/hardware/findings/machine-findings.ts';
import type { HardwareCatalog } from '../../../src/main/core/hardware/hardware-catalog.ts';
import { loadHardwareCatalog } from '../../../src/main/core/hardware/load-hardware-catalog.ts';
import { readinessPage } from '../../../src/main/core/hardware/readiness-page.ts';
import { carryOut } from '../../../src/shared/carry-out.ts';
import { type Machine, machine as machineSchema } from '../../../src/shared/machine.ts';
import type { Readiness } from '../../../src/shared/readiness.ts';
import { verdictLine } from '../../../src/shared/verdict-line.ts';
import { goodMachine } from '../../scenes/machines.ts';
import { machinesFolder, recordedFile, recordedNames, recordedView } from '../../scenes/recorded-machine.ts';

interface Expected {
  /** The facts that the machine is about; others are not compared. Lists are compared whole. */
  machine: Partial<Machine>;
  /** All findings that are not green; the tests can write them again. */
  findings: string[];
  verdict?: string;
}

/** What detection makes of a composed machine. Its disks and ports are those of a good one: they are asked of no tool. */
async function detect(name: string): Promise<Machine> {
  const { facts, notKnown } = await collectSystem(recordedView(name), catalog);
  const json = (file: string) => JSON.parse(recordedFile(name, file) ?? 'null');
  const { disks, ports, diskSpeed, engine, desktop } = goodMachine();
  const told = engineFacts(json('docker-info.json'), json('docker-version.json'), '/var/run/docker.sock', false);
  const absent = { ...engine, state: 'absent' as const, version: null, runtimes: [] };
  return { ...facts, disks, diskSpeed, ports, desktop, engine: told ?? absent, notKnown };
}

let catalog: HardwareCatalog;
beforeAll(async () => {
  catalog = await loadHardwareCatalog(resolve('resources'));
});

/** Run this after a change to a finding, and read the diff: it writes the findings of all machines again. */
const command = 'SEALIFT_WRITE_FINDINGS=1 npx vitest run test/unit/hardware/recorded-machines.test.ts';

function expectFindings(name: string, found: string[]): void {
  const file = parseDocument(recordedFile(name, 'expected.yaml') ?? '');
  if (process.env.SEALIFT_WRITE_FINDINGS === '1' && String(file.toJS().findings) !== String(found)) {
    file.set('findings', found);
    writeFileSync(join(machinesFolder, name, 'expected.yaml'), file.toString({ indentSeq: false, lineWidth: 0 }));
  }
  expect(found, `if the new list is what you intended, run: ${command}`).toEqual(file.toJS().findings);
}

describe.each(recordedNames())('%s', (name) => {
  const expected: Expected = parse(recordedFile(name, 'expected.yaml') ?? '');

  it('is detected as what it is', async () => {
    const machine = await detect(name);
    expect(machineSchema.parse(machine)).toEqual(machine);
    expect(machine).toMatchObject(expected.machine);
    if (expected.verdict !== undefined) expect(verdictLine(machine)).toBe(expected.verdict);
  });

  it('has the expected findings, each with a remedy', async () => {
    const open = machineFindings(await detect(name), catalog).filter((one) => one.severity !== 'green');
    expectFindings(name, open.map((one) => one.id).sort());
    for (const one of open) expect(one.remedies.length).toBeGreaterThan(0);
  });

  it('has no findings about GPUs that contradict each other', async () => {
    const machine = await detect(name);
    const findings = machineFindings(machine, catalog);
    const doesDriverAnswer = machine.gpus.some((gpu) => gpu.vramSource === 'nvidia-smi' || gpu.driverVersion !== null);
    const isAny = machine.gpus.some((gpu) => gpu.vendor !== 'intel');
    if (doesDriverAnswer) expect(JSON.stringify(findings)).not.toMatch(/modprobe|[Ii]nstall the NVIDIA driver/);
    if (isAny) expect(findings.map((one) => one.title)).not.toContain('No GPU');
    const counted = findings.some((one) => one.id === 'hardware.gpu' && one.severity === 'green');
    expect(/^No usable GPU/.test(verdictLine(machine)) && counted).toBe(false);
  });

  it('is carried out without its names, and shown on the page', async () => {
    const machine = await detect(name);
    const readiness: Readiness = {
      kind: 'sealift.readiness',
      version: 1,
      createdAt: '2026-01-01T00:00:00.000Z',
      toolVersion: '0.1.0',
      machine: { ...machine, os: { ...machine.os, hostname: 'zz-secret' } },
      findings: machineFindings(machine, catalog),
    };
    expect(readinessPage(readiness, { why: 'a test' })).toContain('zz-secret');
    const carried = JSON.stringify(carryOut(readiness));
    for (const word of ['zz-secret', '/usr/', '/home/', 'python3']) expect(carried).not.toContain(word);
  });
});

describe('the composed machines', () => {
  it('are at least 25, and the format of each output has a source', () => {
    expect(recordedNames().length).toBeGreaterThanOrEqual(25);
    const sources: Record<string, string> = parse(recordedFile('.', 'sources.yaml') ?? '');
    const used = new Set(recordedNames().flatMap((name) => readdirSync(join(machinesFolder, name))));
    for (const own of ['machine.yaml', 'expected.yaml']) used.delete(own);
    expect([...used].sort()).toEqual(
      Object.keys(sources)
        .filter((key) => !key.startsWith('/'))
        .sort(),
    );
  });
});
