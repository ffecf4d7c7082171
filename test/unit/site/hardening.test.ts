import { describe, expect, it } from 'vitest';
import type { PlannedContainer } from '../../../src/main/core/engine/planned-container.ts';
import { type Hardening, hardened, loadHardening } from '../../../src/main/core/site/containers/hardening.ts';

const rows = await loadHardening('resources');
const able = { info: { PidsLimit: true, MemoryLimit: true, CgroupVersion: '2' } };

function planned(part: string, memoryBytes?: number): PlannedContainer {
  const spec = { part, tmpfs: [], readOnlyRoot: false, dropCapabilities: true, ...(memoryBytes && { memoryBytes }) };
  return {
    title: part,
    role: part,
    reference: 'r',
    secrets: {},
    health: { url: '' },
    startTimeoutMs: 1,
    spec,
  } as never;
}

describe('a container that Sealift makes', () => {
  it.each(rows)('$part is locked in as its row says, and the plan says what stays open', (row) => {
    const { spec, notes } = hardened(planned(row.part), rows, able);
    expect(spec).toMatchObject({ pidsLimit: row.pids, readOnlyRoot: row.readOnlyRoot, dropCapabilities: true });
    expect(spec.memoryBytes).toBe(row.memoryGiB && row.memoryGiB * 1024 ** 3);
    for (const one of row.open) expect(notes).toContain(`left open: ${one}`);
    if (!row.readOnlyRoot) expect(row.open.join()).toContain('writable');
  });

  it.each<[string, Record<string, unknown>, object]>([
    ['can limit neither', { PidsLimit: false, MemoryLimit: false, CgroupVersion: '2' }, {}],
    ['is rootless on cgroup v1', { Rootless: true, PidsLimit: true, MemoryLimit: true, CgroupVersion: '1' }, {}],
    ['limits processes alone', { PidsLimit: true, MemoryLimit: false, CgroupVersion: '2' }, { pidsLimit: 4096 }],
  ])('asks nothing of an engine that %s', (_what, info, limits) => {
    const { pidsLimit, memoryBytes } = hardened(planned('gateway'), rows, { info }).spec;
    expect({ ...(pidsLimit && { pidsLimit }), ...(memoryBytes && { memoryBytes }) }).toEqual(limits);
  });

  it('keeps the memory limit of the site file', () => {
    expect(hardened(planned('gateway', 2 ** 30), rows, able).spec.memoryBytes).toBe(2 ** 30);
  });

  it('gets a read-only root with the folders of its row', () => {
    const row: Hardening = {
      part: 'model',
      readOnlyRoot: true,
      tmpfs: ['/tmp'],
      pids: 64,
      open: [],
      source: 'a test of it',
    };
    const { spec, notes } = hardened(planned('model'), [row], able);
    expect(spec).toMatchObject({ readOnlyRoot: true, tmpfs: ['/tmp'] });
    expect(notes).toContain('read-only root filesystem except /tmp');
  });
});
