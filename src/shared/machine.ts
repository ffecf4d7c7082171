import { z } from 'zod';

/* Bounds are wide for honest machines and narrow enough that a hostile file cannot fill memory or a page. */
const text = z.string().max(500);
const bytes = z.int().nonnegative();

const cpu = z.object({
  model: text.nullable(),
  /** As Node names it: x64, arm64, … */
  architecture: text,
  coresPhysical: z.int().positive().nullable(),
  threads: z.int().positive(),
  /** CPUs' worth of time that the control group allows; null when it sets no limit. */
  limitThreads: z.number().positive().nullable(),
  hasAvx2: z.boolean().nullable(),
  hasAvx512: z.boolean().nullable(),
});

const memory = z.object({
  /** What the system has, without any container's limit. */
  totalBytes: bytes,
  /** What a new process could get now, within the control group's limit. */
  availableBytes: bytes.nullable(),
  /** The control group's limit; null when it sets none. */
  limitBytes: bytes.nullable(),
  swapTotalBytes: bytes.nullable(),
  swapFreeBytes: bytes.nullable(),
});

const gpu = z.object({
  vendor: z.enum(['nvidia', 'amd', 'intel', 'apple', 'other']),
  name: text.nullable(),
  /** Where the memory figures come from; `unified` shares the machine's memory, `none` gave no figure. */
  vramSource: z.enum(['nvidia-smi', 'amdgpu', 'systeminformation', 'unified', 'none']),
  /** False for figures that are known to be wrong on some machines: nothing is decided by them. */
  isVramTrusted: z.boolean(),
  vramTotalBytes: bytes.nullable(),
  vramFreeBytes: bytes.nullable(),
  driverVersion: text.nullable(),
  computeCapability: text.nullable(),
  isMigEnabled: z.boolean().nullable(),
});

const disk = z.object({
  use: z.enum(['store', 'engine']),
  path: text,
  mountPoint: text.nullable(),
  /** As the system names it: ext4, xfs, vfat, nfs4, … */
  filesystem: text.nullable(),
  sizeBytes: bytes,
  /** What this user may still write. */
  freeBytes: bytes,
});

const engine = z.object({
  /** `absent`: no socket; `not-permitted`: the socket refuses this user; `not-answering`: no usable answer in time. */
  state: z.enum(['running', 'absent', 'not-permitted', 'not-answering']),
  address: text,
  product: z.enum(['docker', 'podman', 'other']).nullable(),
  version: text.nullable(),
  storageDriver: text.nullable(),
  /** `containerd`: images are known by their manifest's digest, `classic`: by their configuration's. */
  imageStore: z.enum(['classic', 'containerd']).nullable(),
  dataRoot: text.nullable(),
  cgroupVersion: text.nullable(),
  runtimes: z.array(text).max(64),
  /** Devices that the engine can pass by CDI name. */
  cdiDevices: z.array(text).max(256),
  isRootless: z.boolean().nullable(),
  /** Docker Desktop runs its engine in a virtual machine. */
  isDesktop: z.boolean().nullable().default(null),
  /** Whether it can limit the memory of a container. */
  canLimitMemory: z.boolean().nullable().default(null),
  isRemote: z.boolean(),
});

const port = z.object({
  port: z.int().min(1).max(65535),
  purpose: text,
  state: z.enum(['free', 'taken', 'not-known']),
  owner: z.object({ pid: z.int().positive(), name: text }).nullable(),
});

const os = z.object({
  platform: text,
  name: text.nullable(),
  version: text.nullable(),
  kernel: text,
  hostname: text,
});

/** A fact that could not be found out, and why: never a guess. */
const notKnown = z.object({
  what: z.enum(['cpu', 'memory', 'gpus', 'disk-store', 'disk-engine', 'engine', 'ports', 'os']),
  why: text,
});

/** What is known of one machine. `null` is always "not known", or "none" where a limit is meant. */
export const machine = z.object({
  cpu,
  memory,
  gpus: z.array(gpu).max(64),
  disks: z.array(disk).max(16),
  engine,
  os,
  ports: z.array(port).max(16),
  notKnown: z.array(notKnown).max(64),
});

export type Machine = z.infer<typeof machine>;
export type Cpu = z.infer<typeof cpu>;
export type Memory = z.infer<typeof memory>;
export type Gpu = z.infer<typeof gpu>;
export type Disk = z.infer<typeof disk>;
export type Engine = z.infer<typeof engine>;
export type Port = z.infer<typeof port>;
export type Os = z.infer<typeof os>;
export type NotKnown = z.infer<typeof notKnown>;
