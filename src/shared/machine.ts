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
  /** Intel's matrix instructions (`amx_tile`). */
  hasAmx: z.boolean().nullable().default(null),
  numaNodes: z.int().positive().nullable().default(null),
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
  /** Set aside as large pages: no ordinary process can use it. */
  hugepagesBytes: bytes.nullable().default(null),
});

/** A process that holds memory of a GPU. `usedBytes` is null where the driver does not tell (Windows, containers). */
const gpuProcess = z.object({ pid: z.int().nonnegative(), name: text, usedBytes: bytes.nullable() });

const gpu = z.object({
  vendor: z.enum(['nvidia', 'amd', 'intel', 'apple', 'other']),
  name: text.nullable(),
  /**
   * Where the memory figures come from; `unified` shares the machine's memory, `none` gave no figure, `registry` is the 64-bit
   * value that Windows keeps of the driver.
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
  /** False for figures that are known to be wrong on some machines: nothing is decided by them. */
  isVramTrusted: z.boolean(),
  vramTotalBytes: bytes.nullable(),
  vramFreeBytes: bytes.nullable(),
  driverVersion: text.nullable(),
  computeCapability: text.nullable(),
  isMigEnabled: z.boolean().nullable(),
  /** For an instance of a GPU that is split (MIG): its profile, such as 3g.40gb; memory is its own. Null for whole GPUs. */
  migProfile: text.nullable().default(null),
  /** The newest CUDA that the driver can serve. */
  cudaVersion: text.nullable().default(null),
  /** Uncorrectable memory errors since the driver was loaded, and over the board's life; null without ECC. */
  eccErrors: z.int().nonnegative().nullable().default(null),
  eccErrorsEver: z.int().nonnegative().nullable().default(null),
  /** What holds memory of it now; null: not known. */
  processes: z.array(gpuProcess).max(64).nullable().default(null),
  /** Part of the processor: what the firmware set aside is its `vramTotalBytes`, the rest it shares. */
  isIntegrated: z.boolean().nullable().default(null),
  /** Memory of the machine that an AMD GPU may use besides (GTT). */
  sharedBytes: bytes.nullable().default(null),
});

/** How two GPUs reach each other, by their places in `gpus`; `link` as NVIDIA's tool names it: NV18, PIX, PXB, PHB, NODE, SYS. */
const gpuLink = z.object({ from: z.int().nonnegative(), to: z.int().nonnegative(), link: z.string().max(10) });

/** A variable of the environment that hides GPUs from programs; `visible` is how many it leaves, null when that cannot be told. */
const gpuMask = z.object({
  variable: z.enum(['CUDA_VISIBLE_DEVICES', 'NVIDIA_VISIBLE_DEVICES', 'HIP_VISIBLE_DEVICES', 'ROCR_VISIBLE_DEVICES']),
  visible: z.int().nonnegative().nullable(),
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
  /** What the disk says of itself; virtual disks often say that they rotate. Null for networks, memory and layered ones. */
  isRotational: z.boolean().nullable().default(null),
  /** Of the store: whether this user can make files there, or why not. Null where it was not asked. */
  access: z.enum(['writable', 'not-writable', 'not-a-folder']).nullable().default(null),
});

/** Sequential reading, as measured on request. */
const diskSpeed = z.object({
  path: text,
  bytesPerSecond: z.number().nonnegative(),
  readBytes: bytes,
  /** Past the page cache; false: memory may have answered, and the disk may be slower. */
  isDirect: z.boolean(),
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
  /** Whether it gives containers SELinux labels of their own. */
  isSelinuxOn: z.boolean().nullable().default(null),
  isRemote: z.boolean(),
});

/** What lets containers reach NVIDIA GPUs, as files and tools of this machine tell. */
const gpuToolkit = z.object({
  /** Version of `nvidia-ctk`; null when it is not installed. */
  nvidiaCtk: text.nullable(),
  /** Names of files in /etc/cdi and /var/run/cdi. */
  cdiSpecs: z.array(text).max(64),
});

const security = z.object({
  selinux: z.enum(['enforcing', 'permissive', 'disabled']).nullable(),
  isApparmorOn: z.boolean().nullable(),
  /** Firewalls that were found, and whether they filter; null: the tool does not tell this user. */
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
  name: text.nullable(),
  version: text.nullable(),
  kernel: text,
  hostname: text,
  /** What the machine is as far as this process sees; null: not known. */
  environment: z.enum(['metal', 'vm', 'wsl', 'container']).nullable().default(null),
  /** Where the hosts file sends the machine's own name; DNS is never asked. */
  hostnameGoes: z.enum(['address', 'loopback', 'not-listed']).nullable().default(null),
});

/** A fact that could not be found out, and why: never a guess. */
const notKnown = z.object({
  what: z.enum(['cpu', 'memory', 'gpus', 'disk-store', 'disk-engine', 'engine', 'ports', 'os', 'disk-speed']),
  why: text,
});

/** What is known of one machine. `null` is always "not known", or "none" where a limit is meant. */
export const machine = z.object({
  cpu,
  memory,
  gpus: z.array(gpu).max(64),
  gpuLinks: z.array(gpuLink).max(2016).default([]),
  gpuMasks: z.array(gpuMask).max(4).default([]),
  gpuToolkit: gpuToolkit.default({ nvidiaCtk: null, cdiSpecs: [] }),
  disks: z.array(disk).max(16),
  diskSpeed: diskSpeed.nullable().default(null),
  engine,
  os,
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
export type Os = z.infer<typeof os>;
export type GpuLink = z.infer<typeof gpuLink>;
export type GpuMask = z.infer<typeof gpuMask>;
export type GpuToolkit = z.infer<typeof gpuToolkit>;
export type Security = z.infer<typeof security>;
export type DiskSpeed = z.infer<typeof diskSpeed>;
export type NotKnown = z.infer<typeof notKnown>;
