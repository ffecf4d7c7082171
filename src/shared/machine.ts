import { z } from 'zod';

/* Bounds are wide enough for real machines and narrow enough that a hostile file cannot fill memory or a page. */
const text = z.string().max(500);
const bytes = z.int().nonnegative();

const cpu = z.object({
  model: text.nullable(),
  /** Node's name for it: x64, arm64, … */
  architecture: text,
  coresPhysical: z.int().positive().nullable(),
  threads: z.int().positive(),
  /** CPU limit of the control group, in CPUs; null if there is none. */
  limitThreads: z.number().positive().nullable(),
  hasAvx2: z.boolean().nullable(),
  hasAvx512: z.boolean().nullable(),
  /** Intel's matrix instructions (`amx_tile`). */
  hasAmx: z.boolean().nullable().default(null),
  numaNodes: z.int().positive().nullable().default(null),
});

const memory = z.object({
  /** The system's memory, ignoring container limits. */
  totalBytes: bytes,
  /** Memory that a new process could use now, within the control group's limit. */
  availableBytes: bytes.nullable(),
  /** Limit of the control group; null if there is none. */
  limitBytes: bytes.nullable(),
  swapTotalBytes: bytes.nullable(),
  swapFreeBytes: bytes.nullable(),
  /** Reserved as huge pages, so not usable by ordinary processes. */
  hugepagesBytes: bytes.nullable().default(null),
});

/** A process that uses GPU memory. `usedBytes` is null if the driver does not report it (Windows, containers). */
const gpuProcess = z.object({ pid: z.int().nonnegative(), name: text, usedBytes: bytes.nullable() });

const gpu = z.object({
  vendor: z.enum(['nvidia', 'amd', 'intel', 'apple', 'other']),
  name: text.nullable(),
  /**
   * Source of the memory figures. `unified`: shares the machine's memory; `none`: no figures; `registry`: the 64-bit value in the Windows
   * registry.
   */
  vramSource: z.enum([
    'nvidia-smi',
    'amdgpu',
    'rocm-smi',
    'amd-smi',
    'intel',
    'registry',
    'systeminformation',
    'unified',
    'none',
  ]),
  /** False for figures that are known to be wrong on some machines; no decision is based on them. */
  isVramTrusted: z.boolean(),
  vramTotalBytes: bytes.nullable(),
  vramFreeBytes: bytes.nullable(),
  driverVersion: text.nullable(),
  computeCapability: text.nullable(),
  isMigEnabled: z.boolean().nullable(),
  /** Profile of an instance of a split GPU (MIG), such as 3g.40gb; its memory figures are those of the instance. Null for whole GPUs. */
  migProfile: text.nullable().default(null),
  /** The newest CUDA version that the driver supports. */
  cudaVersion: text.nullable().default(null),
  /** Uncorrectable memory errors since the driver was loaded, and over the board's lifetime; null without ECC. */
  eccErrors: z.int().nonnegative().nullable().default(null),
  eccErrorsEver: z.int().nonnegative().nullable().default(null),
  /** Processes that use its memory now; null if unknown. */
  processes: z.array(gpuProcess).max(64).nullable().default(null),
  /** Part of the processor: `vramTotalBytes` is what the firmware reserved, the rest is shared memory. */
  isIntegrated: z.boolean().nullable().default(null),
  /** Additional main memory that an AMD GPU may use (GTT). */
  sharedBytes: bytes.nullable().default(null),
  /** What the driver answered in place of this GPU's figures, such as `GPU requires reset`; null if it gave them or has none. */
  driverSays: text.nullable().default(null),
});

/** Link between two GPUs, by index in `gpus`. `link` is nvidia-smi's name for it: NV18, PIX, PXB, PHB, NODE, SYS. */
const gpuLink = z.object({ from: z.int().nonnegative(), to: z.int().nonnegative(), link: z.string().max(10) });

/** An environment variable that hides GPUs from programs. `visible` is the number of visible GPUs, null if unknown. */
const gpuMask = z.object({
  variable: z.enum(['CUDA_VISIBLE_DEVICES', 'NVIDIA_VISIBLE_DEVICES', 'HIP_VISIBLE_DEVICES', 'ROCR_VISIBLE_DEVICES']),
  visible: z.int().nonnegative().nullable(),
});

const disk = z.object({
  use: z.enum(['store', 'engine']),
  path: text,
  mountPoint: text.nullable(),
  /** The system's name for it: ext4, xfs, vfat, nfs4, … */
  filesystem: text.nullable(),
  sizeBytes: bytes,
  /** Space that this user may still use. */
  freeBytes: bytes,
  /** As reported by the disk; virtual disks often claim to rotate. Null for network, memory and layered filesystems. */
  isRotational: z.boolean().nullable().default(null),
  /** For the store: whether this user can create files there, or why not. Null if not checked. */
  access: z.enum(['writable', 'not-writable', 'not-a-folder']).nullable().default(null),
});

/** Sequential read speed, measured on request. */
const diskSpeed = z.object({
  path: text,
  bytesPerSecond: z.number().nonnegative(),
  readBytes: bytes,
  /** True if it bypassed the page cache; otherwise the disk may be slower. */
  isDirect: z.boolean(),
});

const engine = z.object({
  /** `absent`: no socket; `not-permitted`: this user may not use the socket; `not-answering`: no usable response in time. */
  state: z.enum(['running', 'absent', 'not-permitted', 'not-answering']),
  address: text,
  product: z.enum(['docker', 'podman', 'other']).nullable(),
  version: text.nullable(),
  storageDriver: text.nullable(),
  /** `containerd`: image IDs are manifest digests; `classic`: configuration digests. */
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
  /** Whether it assigns SELinux labels to containers. */
  isSelinuxOn: z.boolean().nullable().default(null),
  /** What a rootless Podman reports that it lacks: a range of subordinate IDs, or the program for its networks. */
  lacks: z
    .array(z.enum(['subordinate-ids', 'slirp4netns', 'pasta']))
    .max(3)
    .default([]),
  /** Whether commands use it without its address: `DOCKER_HOST` names it, or it is in the usual place. */
  isDefault: z.boolean().default(true),
  isRemote: z.boolean(),
});

/** What lets containers use NVIDIA GPUs, according to this machine's files and tools. */
const gpuToolkit = z.object({
  /** Version of `nvidia-ctk`; null if it is not installed. */
  nvidiaCtk: text.nullable(),
  /** Names of files in /etc/cdi and /var/run/cdi. */
  cdiSpecs: z.array(text).max(64),
});

const security = z.object({
  selinux: z.enum(['enforcing', 'permissive', 'disabled']).nullable(),
  isApparmorOn: z.boolean().nullable(),
  /** Detected firewalls, and whether they are active; null if the tool does not report that to this user. */
  firewalls: z.array(z.object({ name: text, isActive: z.boolean().nullable() })).max(8),
});

const port = z.object({
  port: z.int().min(1).max(65535),
  purpose: text,
  state: z.enum(['free', 'taken', 'not-known']),
  owner: z.object({ pid: z.int().positive(), name: text }).nullable(),
});

const os = z.object({
  platform: text,
  /** The distribution, as ID in /etc/os-release; null for other systems. */
  id: text.nullable().default(null),
  name: text.nullable(),
  version: text.nullable(),
  kernel: text,
  hostname: text,
  /** What kind of machine this process sees; null if unknown. */
  environment: z.enum(['metal', 'vm', 'wsl', 'container']).nullable().default(null),
  /** Where the hosts file points the machine's own name; DNS is never queried. */
  hostnameGoes: z.enum(['address', 'loopback', 'not-listed']).nullable().default(null),
});

/** What can show Sealift's screens. */
const desktop = z.object({
  /** Whether this check was started where programs can show something. */
  hasDisplay: z.boolean(),
  /** The program's name; null if none was found. */
  browser: text.nullable(),
  /** Whether this Sealift comes with a window. */
  hasWindow: z.boolean(),
});

/** A fact that could not be determined, and why. Nothing is guessed. */
const notKnown = z.object({
  what: z.enum(['cpu', 'memory', 'gpus', 'disk-store', 'disk-engine', 'engine', 'ports', 'os', 'disk-speed']),
  why: text,
});

/** What is known about one machine. `null` means "unknown" or, for a limit, "none". */
export const machine = z.object({
  cpu,
  memory,
  gpus: z.array(gpu).max(64),
  gpuLinks: z.array(gpuLink).max(2016).default([]),
  gpuMasks: z.array(gpuMask).max(4).default([]),
  /** What nvidia-smi printed besides its list of GPUs: warnings, and GPUs that the driver cannot reach. */
  gpuMessages: z.array(text).max(64).default([]),
  gpuToolkit: gpuToolkit.default({ nvidiaCtk: null, cdiSpecs: [] }),
  disks: z.array(disk).max(16),
  diskSpeed: diskSpeed.nullable().default(null),
  engine,
  os,
  /** Null if it was not examined, as on systems that always have a browser. */
  desktop: desktop.nullable().default(null),
  security: security.default({ selinux: null, isApparmorOn: null, firewalls: [] }),
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
export type Desktop = z.infer<typeof desktop>;
export type Os = z.infer<typeof os>;
export type GpuLink = z.infer<typeof gpuLink>;
export type GpuMask = z.infer<typeof gpuMask>;
export type GpuToolkit = z.infer<typeof gpuToolkit>;
export type Security = z.infer<typeof security>;
export type DiskSpeed = z.infer<typeof diskSpeed>;
export type NotKnown = z.infer<typeof notKnown>;
