import { z } from 'zod';
import { carriedPackages, packageUse } from '../../../shared/carried-packages.ts';

const source = z.string().min(1);
const bytes = z.int().positive();

const requirement = z.strictObject({
  id: z.enum(['cpu-cores', 'cpu-threads', 'memory-total', 'gateway-cpu', 'gateway-memory']),
  minimum: z.number().positive(),
  recommended: z.number().positive().nullable(),
  unit: z.enum(['cores', 'threads', 'bytes']),
  /** The requirement as people read it. */
  words: z.string().min(1),
  source,
});

const storage = z.strictObject({
  id: z.enum(['store', 'engine']),
  blockedBelowBytes: bytes.nullable(),
  lowBelowBytes: bytes,
  words: z.string().min(1),
  source,
});

const version = z.string().regex(/^\d{2}\.\d{1,2}$/);

/** GitLab's minimum for the GPUs of a kind of model, and which models of the catalogue are of that kind. */
const gpu = z.strictObject({
  id: z.string().min(1),
  models: z.string().min(1),
  gpus: z.string().min(1),
  minimumVramBytes: bytes.nullable(),
  modelIds: z.array(z.string()).min(1),
  note: z.string().optional(),
  /** The GitLab versions whose pages print it. */
  from: version.optional(),
  to: version.optional(),
  source,
});

const pattern = z.string().transform((text) => new RegExp(text, 'i'));

/** How fast GPUs with such a name read their own memory. */
const memorySpeed = z.strictObject({ names: pattern, bytesPerSecond: z.number().positive(), source });

/** A chip whose GPU and processor share memory, and how to tell it. */
const unifiedChip = z.strictObject({
  name: z.string().min(1),
  vendor: z.enum(['nvidia', 'amd']),
  names: pattern,
  capabilities: z.array(z.string()).default([]),
  pciDevices: z.array(z.string()).default([]),
  /** `shared`: one pool; `own-as-nodes`: the GPU has its own memory, which Linux counts as main memory too. */
  memory: z.enum(['shared', 'own-as-nodes']),
  source,
});

/** What a message of nvidia-smi means. `{gpu}` in the texts is the GPU that it names. */
const driverMessage = z.strictObject({
  id: z.string().regex(/^[a-z-]+$/),
  /** `lost`: the tool does not list the GPU of the message. */
  gpuIs: z.enum(['lost']).optional(),
  pattern,
  title: z.string().min(1),
  consequence: z.string().min(1),
  steps: z.array(z.string().min(1)).min(1),
  source,
});

const sizing = z.strictObject({
  id: z.string(),
  vcpu: z.int().positive(),
  memoryBytes: bytes,
  concurrentRequests: z.int().positive(),
  users: z.string(),
  /** The most users that it serves; absent in a row about several instances. */
  upToUsers: z.int().positive().optional(),
  note: z.string().optional(),
  source,
});

/** How many requests people make. */
const usage = z.strictObject({ requestsPerSecond: z.number().positive(), users: z.int().positive(), source });

const throughput = z.strictObject({
  machine: z.string(),
  gpus: z.string(),
  model: z.string(),
  source,
  measured: z.array(
    z.strictObject({
      requests: z.int().positive(),
      secondsPerRequest: z.number().positive(),
      tokensPerSecondPerRequest: z.number().positive(),
      /** All requests together. */
      tokensPerSecond: z.number().positive(),
    }),
  ),
});

/** What is fetched for a machine with RPM packages. */
const rpmPackages = z.strictObject({
  systems: z.array(z.string().min(1)),
  packages: z.array(
    z.strictObject({
      provides: packageUse,
      name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/),
      /** Where it is, if not among the distribution's own. */
      repository: z.string().min(1).optional(),
      /** Whether the name is from a source that says so of such a distribution. */
      isVerified: z.boolean(),
      source,
    }),
  ),
});

const debianRepository = z.strictObject({
  /** `{architecture}` stands for the processor as Debian calls it. */
  address: z.string().regex(/^https?:\/\/\S+$/),
  suites: z.array(z.string().min(1)).min(1),
  components: z.array(z.string().min(1)).min(1).default(['main']),
});

const debianPackages = z.strictObject({
  systems: z.array(
    z.strictObject({
      id: carriedPackages.shape.system,
      version: carriedPackages.shape.version,
      architectures: z.array(carriedPackages.shape.architecture).min(1),
      /** Where a machine with that distribution has its keys. */
      keyring: z.string().min(1),
      sources: z.array(debianRepository).min(1),
    }),
  ),
  packages: z.array(
    z.strictObject({
      provides: packageUse,
      name: z.string().min(1),
      /** Where it is, if not among the distribution's own. */
      repository: debianRepository.optional(),
      source,
    }),
  ),
});

/** `resources/catalog/hardware.yaml`: the requirements for a machine, with a source on each row. */
export const hardwareCatalog = z.strictObject({
  version: z.literal(1),
  /** What the source codes of the rows mean. */
  sources: z.record(z.string(), z.string()),
  modelHost: z.array(requirement),
  gatewayHost: z.array(requirement),
  storage: z.array(storage),
  gpu: z.array(gpu),
  memorySpeeds: z.array(memorySpeed),
  unifiedChips: z.array(unifiedChip),
  driverMessages: z.array(driverMessage),
  gatewaySizing: z.array(sizing).min(1),
  usage,
  throughput: z.array(throughput),
  rpmPackages,
  debianPackages,
});
export type HardwareCatalog = z.infer<typeof hardwareCatalog>;

/** What looking for GPUs needs of the catalogue. */
export type GpuCatalog = Pick<HardwareCatalog, 'unifiedChips' | 'driverMessages'>;
export type Requirement = z.infer<typeof requirement>;
export type UnifiedChip = z.infer<typeof unifiedChip>;

/** One requirement by its id; throws when the file lacks it, which the catalogue's test rules out. */
export function requirementOf(catalog: HardwareCatalog, id: Requirement['id']): Requirement {
  const row = [...catalog.modelHost, ...catalog.gatewayHost].find((one) => one.id === id);
  if (!row) throw new Error(`hardware.yaml has no row ${id}`);
  return row;
}

/** Returns a row's source in words. */
export function sourceText(catalog: HardwareCatalog, row: { source: string }): string {
  return catalog.sources[row.source] ?? row.source;
}

/** Returns the requirement for the store's or the engine's filesystem; throws when the file lacks it. */
export function storageOf(catalog: HardwareCatalog, id: 'store' | 'engine'): HardwareCatalog['storage'][number] {
  const row = catalog.storage.find((one) => one.id === id);
  if (!row) throw new Error(`hardware.yaml has no storage row ${id}`);
  return row;
}
