import { z } from 'zod';
import type { Engine } from '../../engine/connect-engine.ts';
import { memoryLimit } from '../../engine/memory-limit.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import { readCatalog } from '../../settings/read-catalog.ts';

const hardening = z.strictObject({
  /** The container's part. */
  part: z.enum(['gateway', 'model', 'ollama', 'litellm']),
  readOnlyRoot: z.boolean(),
  /** Folders that stay writable, in memory. */
  tmpfs: z.array(z.string().regex(/^\/[\w./-]+$/)),
  /** The most processes and threads. */
  pids: z.int().min(64),
  /** Memory limit where the site file sets none. */
  memoryGiB: z.number().positive().optional(),
  /** As whom the image runs, where that is known not to be root. */
  user: z.string().optional(),
  /** The number of that user, for folders in which it writes. */
  uid: z.int().min(0).optional(),
  /** What is not locked in, and why. */
  open: z.array(z.string().min(10)),
  source: z.string().min(10),
});

/** `resources/catalog/containers.yaml`: how far each container is locked in, with the source of what its image stands. */
const hardeningCatalog = z.strictObject({ version: z.literal(1), containers: z.array(hardening) });
export type Hardening = z.infer<typeof hardening>;

/** Reads the catalogue; throws `catalog.damaged` naming the invalid row. */
export async function loadHardening(resources: string): Promise<Hardening[]> {
  return (await readCatalog(resources, 'containers.yaml', hardeningCatalog)).containers;
}

/** Returns a container locked in as its row says, as far as the engine can. A part without a row stays as planned. */
export function hardened(
  planned: PlannedContainer,
  rows: readonly Hardening[],
  engine: Pick<Engine, 'info'>,
): PlannedContainer {
  const row = rows.find(({ part }) => part === planned.role);
  if (!row) return planned;
  const { spec } = planned;
  const memoryBytes = spec.memoryBytes ?? defaultMemory(row, engine);
  const hasPids = engine.info.PidsLimit !== false && memoryLimit(engine) !== 'cgroup-v2';
  return {
    ...planned,
    notes: [...(planned.notes ?? []), ...notesOn(row, spec.dropCapabilities, hasPids)],
    spec: {
      ...spec,
      readOnlyRoot: row.readOnlyRoot,
      tmpfs: [...new Set([...spec.tmpfs, ...row.tmpfs])],
      ...(hasPids && { pidsLimit: row.pids }),
      ...(memoryBytes !== undefined && { memoryBytes }),
    },
  };
}

function defaultMemory({ memoryGiB }: Hardening, engine: Pick<Engine, 'info'>): number | undefined {
  return memoryGiB !== undefined && memoryLimit(engine) === 'yes' ? memoryGiB * 1024 ** 3 : undefined;
}

function notesOn({ readOnlyRoot, tmpfs, pids, user, open }: Hardening, dropsAll: boolean, hasPids: boolean): string[] {
  const writable = tmpfs.length > 0 ? ` except ${tmpfs.join(' and ')}` : '';
  return [
    'locked in: no new privileges',
    ...(dropsAll ? ['no capabilities'] : []),
    ...(readOnlyRoot ? [`read-only root filesystem${writable}`] : []),
    ...(user === undefined ? [] : [`runs as ${user}`]),
    ...(hasPids ? [`at most ${pids} processes`] : []),
    ...open.map((one) => `left open: ${one}`),
  ];
}
