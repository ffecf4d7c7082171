import type { Cpu, Disk, Engine, Gpu, Machine, Memory } from './machine.ts';
import type { Readiness } from './readiness.ts';

/** What a carry-out file never holds, in words for the person who carries it. */
export const leftOut = [
  'the name of the machine',
  'paths and mount points',
  'addresses of the container engine',
  'processes that hold ports or GPUs',
  'serial numbers and identifiers of devices',
  'firewalls and security modules',
  'what was found out about GitLab',
  'texts of tools and of findings',
] as const;

/** Findings whose names alone tell what is left out. */
const telltale = /^(gitlab\.|hardware\.(firewall|selinux|apparmor))/;

/** How a text that was left out reads in the file. */
export const gone = 'left out';

/**
 * The readiness as it may leave the enclave: what is needed to choose models and media, and nothing that names this machine, its
 * places or its people. Every field is taken over by name, so that a new one does not slip out.
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
  const { cpu, memory, gpus, gpuLinks, gpuMasks, gpuToolkit, disks, diskSpeed, engine, os, ports, notKnown } = machine;
  return {
    cpu: carriedCpu(cpu),
    memory: carriedMemory(memory),
    gpus: gpus.map(carriedGpu),
    gpuLinks: gpuLinks.map(({ from, to, link }) => ({ from, to, link })),
    gpuMasks: gpuMasks.map(({ variable, visible }) => ({ variable, visible })),
    // Names of files are chosen by people.
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
      name: plain(os.name),
      version: plain(os.version),
      kernel: plain(os.kernel) ?? gone,
      hostname: gone,
      environment: os.environment,
      hostnameGoes: null,
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
    // Their names tell what people do here.
    processes: null,
    isIntegrated: gpu.isIntegrated,
    sharedBytes: gpu.sharedBytes,
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
  const { state, product, imageStore, isRootless, isRemote, isDesktop, canLimitMemory } = engine;
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
    // Of names like nvidia.com/gpu=GPU-<serial> only those that count devices stay.
    cdiDevices: engine.cdiDevices.filter((one) => /^[a-z0-9.-]+\/[a-z0-9.-]+=(all|\d{1,3})$/.test(one)),
    isRootless,
    isRemote,
    isDesktop,
    canLimitMemory,
    isSelinuxOn: null,
  };
}

/** A text of the system that may go out: short words and versions; one with a path, an address or an identifier in it is left out. */
function plain(text: string | null): string | null {
  if (text === null) return null;
  const isTelling =
    /[\\/@]\S*[\\/]|^[\\/~]|:\/\/|@|\b\d{1,3}(\.\d{1,3}){3}\b|([0-9a-f]{2}:){3}|[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{12}|\b\d{10}/i.test(
      text,
    );
  return isTelling ? gone : text;
}
