import type { Disk, Engine, Machine } from './machine.ts';
import type { Readiness } from './readiness.ts';

/** What a carry-out file never holds, in words for the person who carries it. */
export const leftOut = [
  'the name of the machine',
  'paths and mount points',
  'addresses of the container engine',
  'processes that hold ports',
  'serial numbers and identifiers of devices',
  'texts of tools and of findings',
] as const;

/** How a text that was left out reads in the file. */
const gone = 'left out';

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
    findings: findings.map(({ id, severity }) => ({ id, severity, title: id, remedies: [] })),
    leftOut: [...leftOut],
  };
}

function carriedMachine({ cpu, memory, gpus, disks, engine, os, ports, notKnown }: Machine): Machine {
  const { model, architecture, coresPhysical, threads, limitThreads, hasAvx2, hasAvx512 } = cpu;
  const { totalBytes, availableBytes, limitBytes, swapTotalBytes, swapFreeBytes } = memory;
  return {
    cpu: { model: plain(model), architecture, coresPhysical, threads, limitThreads, hasAvx2, hasAvx512 },
    memory: { totalBytes, availableBytes, limitBytes, swapTotalBytes, swapFreeBytes },
    gpus: gpus.map((gpu) => ({
      vendor: gpu.vendor,
      name: plain(gpu.name),
      vramSource: gpu.vramSource,
      isVramTrusted: gpu.isVramTrusted,
      vramTotalBytes: gpu.vramTotalBytes,
      vramFreeBytes: gpu.vramFreeBytes,
      driverVersion: plain(gpu.driverVersion),
      computeCapability: plain(gpu.computeCapability),
      isMigEnabled: gpu.isMigEnabled,
    })),
    disks: disks.map(carriedDisk),
    engine: carriedEngine(engine),
    os: {
      platform: os.platform,
      name: plain(os.name),
      version: plain(os.version),
      kernel: plain(os.kernel) ?? gone,
      hostname: gone,
    },
    ports: ports.map(({ port, purpose, state }) => ({ port, purpose, state, owner: null })),
    notKnown: notKnown.map(({ what }) => ({ what, why: gone })),
  };
}

function carriedDisk({ use, filesystem, sizeBytes, freeBytes }: Disk): Disk {
  return { use, path: gone, mountPoint: null, filesystem: plain(filesystem), sizeBytes, freeBytes };
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
