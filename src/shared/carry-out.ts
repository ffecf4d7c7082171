import type { Cpu, Disk, Engine, Gpu, Machine, Memory } from './machine.ts';
import type { Readiness } from './readiness.ts';

/** What a carry-out file never contains, worded for the person who carries it. */
export const leftOut = [
  "the machine's name",
  'paths and mount points',
  'the address of the container engine',
  'processes that use ports or GPUs',
  'serial numbers and identifiers of devices',
  'firewalls and security modules',
  'facts about GitLab',
  'output of tools and texts of findings',
] as const;

/** Findings whose ids alone would reveal what is left out. */
const telltale = /^(gitlab\.|hardware\.(firewall|selinux|apparmor))/;

/** Placeholder for a text that was left out. */
export const gone = 'left out';

/**
 * Returns the part of the readiness that may leave the enclave: enough to choose models and media, and nothing that identifies this
 * machine, its paths or its people. Every field is copied by name, so that a new one does not slip out.
 */
export function carryOut({ kind, version, createdAt, toolVersion, machine, findings }: Readiness): Readiness {
  return {
    kind,
    version,
    createdAt,
    toolVersion,
    machine: carriedMachine(machine),
    findings: findings
      .filter(({ id }) => !telltale.test(id))
      .map(({ id, severity }) => ({ id, severity, title: id, remedies: [] })),
    leftOut: [...leftOut],
  };
}

function carriedMachine(machine: Machine): Machine {
  const { cpu, memory, gpus, gpuLinks, gpuMasks, gpuToolkit, disks, diskSpeed, engine, os, desktop, ports, notKnown } =
    machine;
  return {
    cpu: carriedCpu(cpu),
    memory: carriedMemory(memory),
    gpus: gpus.map(carriedGpu),
    gpuLinks: gpuLinks.map(({ from, to, link }) => ({ from, to, link })),
    gpuMasks: gpuMasks.map(({ variable, visible }) => ({ variable, visible })),
    gpuMessages: [],
    // File names are chosen by people and may identify them.
    gpuToolkit: { nvidiaCtk: plain(gpuToolkit.nvidiaCtk), cdiSpecs: [] },
    disks: disks.map(carriedDisk),
    diskSpeed: diskSpeed && {
      path: gone,
      bytesPerSecond: diskSpeed.bytesPerSecond,
      readBytes: diskSpeed.readBytes,
      isDirect: diskSpeed.isDirect,
    },
    engine: carriedEngine(engine),
    os: {
      platform: os.platform,
      id: plain(os.id),
      name: plain(os.name),
      version: plain(os.version),
      kernel: plain(os.kernel) ?? gone,
      hostname: gone,
      environment: os.environment,
      hostnameGoes: null,
    },
    desktop: desktop && {
      hasDisplay: desktop.hasDisplay,
      browser: plain(desktop.browser),
      hasWindow: desktop.hasWindow,
    },
    security: { selinux: null, isApparmorOn: null, firewalls: [] },
    ports: ports.map(({ port, purpose, state }) => ({ port, purpose, state, owner: null })),
    notKnown: notKnown.map(({ what }) => ({ what, why: gone })),
  };
}

function carriedCpu(cpu: Cpu): Cpu {
  const { architecture, coresPhysical, threads, limitThreads, hasAvx2, hasAvx512, hasAmx, numaNodes } = cpu;
  return {
    model: plain(cpu.model),
    architecture,
    coresPhysical,
    threads,
    limitThreads,
    hasAvx2,
    hasAvx512,
    hasAmx,
    numaNodes,
  };
}

function carriedMemory(memory: Memory): Memory {
  const { totalBytes, availableBytes, limitBytes, swapTotalBytes, swapFreeBytes, hugepagesBytes } = memory;
  return { totalBytes, availableBytes, limitBytes, swapTotalBytes, swapFreeBytes, hugepagesBytes };
}

function carriedGpu(gpu: Gpu): Gpu {
  return {
    vendor: gpu.vendor,
    name: plain(gpu.name),
    vramSource: gpu.vramSource,
    isVramTrusted: gpu.isVramTrusted,
    vramTotalBytes: gpu.vramTotalBytes,
    vramFreeBytes: gpu.vramFreeBytes,
    driverVersion: plain(gpu.driverVersion),
    computeCapability: plain(gpu.computeCapability),
    isMigEnabled: gpu.isMigEnabled,
    migProfile: plain(gpu.migProfile),
    cudaVersion: plain(gpu.cudaVersion),
    eccErrors: gpu.eccErrors,
    eccErrorsEver: gpu.eccErrorsEver,
    // Process names reveal what people do here.
    processes: null,
    isIntegrated: gpu.isIntegrated,
    sharedBytes: gpu.sharedBytes,
    driverSays: null,
  };
}

function carriedDisk({ use, filesystem, sizeBytes, freeBytes, isRotational, access }: Disk): Disk {
  return {
    access,
    use,
    path: gone,
    mountPoint: null,
    filesystem: plain(filesystem),
    sizeBytes,
    freeBytes,
    isRotational,
  };
}

function carriedEngine(engine: Engine): Engine {
  const { state, product, imageStore, isRootless, isRemote, isDesktop, canLimitMemory, lacks, isDefault } = engine;
  return {
    state,
    address: gone,
    product,
    version: plain(engine.version),
    storageDriver: plain(engine.storageDriver),
    imageStore,
    dataRoot: null,
    cgroupVersion: plain(engine.cgroupVersion),
    runtimes: engine.runtimes.flatMap((one) => plain(one) ?? []),
    // Only names that number devices are kept; others contain a serial number, as in nvidia.com/gpu=GPU-<serial>.
    cdiDevices: engine.cdiDevices.filter((one) => /^[a-z0-9.-]+\/[a-z0-9.-]+=(all|\d{1,3})$/.test(one)),
    isRootless,
    isRemote,
    isDesktop,
    canLimitMemory,
    lacks,
    isDefault,
    isSelinuxOn: null,
  };
}

/** Returns a system text if it may leave the enclave; a text with a path, an address or an identifier is left out. */
function plain(text: string | null): string | null {
  if (text === null) return null;
  const isTelling =
    /[\\/@]\S*[\\/]|^[\\/~]|:\/\/|@|\b\d{1,3}(\.\d{1,3}){3}\b|([0-9a-f]{2}:){3}|[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{12}|\b\d{10}/i.test(
      text,
    );
  return isTelling ? gone : text;
}
