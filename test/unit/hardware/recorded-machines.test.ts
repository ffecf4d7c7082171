import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { HardwareCatalog } from '../../../src/main/core/catalog/hardware-catalog.ts';
import { loadHardwareCatalog } from '../../../src/main/core/catalog/load-catalog.ts';
import { collectSystem } from '../../../src/main/core/hardware/collect-machine.ts';
import { engineFacts } from '../../../src/main/core/hardware/engine.ts';
import { machineFindings } from '../../../src/main/core/hardware/findings/machine-findings.ts';
import { readinessPage } from '../../../src/main/core/hardware/readiness-page.ts';
import { carryOut } from '../../../src/shared/carry-out.ts';
import { type Machine, machine as machineSchema } from '../../../src/shared/machine.ts';
import type { Readiness } from '../../../src/shared/readiness.ts';
import { verdictLine } from '../../../src/shared/verdict-line.ts';
import { goodMachine } from './machines.ts';
import { machinesFolder, recordedFile, recordedNames, recordedView } from './recorded-machine.ts';

interface Expected {
  /** The facts that the machine is about; others are not compared. Lists are compared whole. */
  machine: Partial<Machine>;
  /** All findings that are not green. */
  findings: string[];
  verdict?: string;
}

/** What detection makes of a composed machine. Its disks and ports are those of a good one: they are asked of no tool. */
async function detect(name: string): Promise<Machine> {
  const { facts, notKnown } = await collectSystem(recordedView(name));
  const json = (file: string) => JSON.parse(recordedFile(name, file) ?? 'null');
  const { disks, ports, diskSpeed, engine } = goodMachine();
  const told = engineFacts(json('docker-info.json'), json('docker-version.json'), '/var/run/docker.sock', false);
  const absent = { ...engine, state: 'absent' as const, version: null, runtimes: [] };
  return { ...facts, disks, diskSpeed, ports, engine: told ?? absent, notKnown };
}

let catalog: HardwareCatalog;
beforeAll(async () => {
  catalog = await loadHardwareCatalog(resolve('resources'));
});

describe.each(recordedNames())('%s', (name) => {
  const expected: Expected = parse(recordedFile(name, 'expected.yaml') ?? '');

  it('is found to be what it is', async () => {
    const machine = await detect(name);
    expect(machineSchema.parse(machine)).toEqual(machine);
    expect(machine).toMatchObject(expected.machine);
    if (expected.verdict !== undefined) expect(verdictLine(machine)).toBe(expected.verdict);
  });

  it('has the findings that it should, each with a way out', async () => {
    const open = machineFindings(await detect(name), catalog).filter((one) => one.severity !== 'green');
    expect(open.map((one) => one.id).sort()).toEqual(expected.findings);
    for (const one of open) expect(one.remedies.length).toBeGreaterThan(0);
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
