import type { Gpu, Machine } from '../../src/shared/machine.ts';

export const gib = 2 ** 30;

/** A server on which nothing is wrong; tests change what they are about. */
export function goodMachine(changes: Partial<Machine> = {}): Machine {
  return {
    cpu: {
      model: 'AMD EPYC 7543',
      architecture: 'x64',
      coresPhysical: 32,
      threads: 64,
      limitThreads: null,
      hasAvx2: true,
      hasAvx512: false,
      hasAmx: false,
      numaNodes: 2,
    },
    memory: {
      totalBytes: 256 * gib,
      availableBytes: 240 * gib,
      limitBytes: null,
      swapTotalBytes: 8 * gib,
      swapFreeBytes: 8 * gib,
      hugepagesBytes: 0,
    },
    gpus: [gpu()],
    gpuLinks: [],
    gpuMasks: [],
    gpuMessages: [],
    gpuToolkit: { nvidiaCtk: '1.17.8', cdiSpecs: ['nvidia.yaml'] },
    disks: [
      {
        use: 'store',
        path: '/srv/sealift',
        mountPoint: '/srv',
        filesystem: 'xfs',
        sizeBytes: 2000 * gib,
        freeBytes: 900 * gib,
        isRotational: false,
        access: 'writable',
      },
      {
        use: 'engine',
        path: '/var/lib/docker',
        mountPoint: '/',
        filesystem: 'ext4',
        sizeBytes: 400 * gib,
        freeBytes: 200 * gib,
        isRotational: false,
        access: 'writable',
      },
    ],
    diskSpeed: null,
    engine: {
      state: 'running',
      address: '/var/run/docker.sock',
      product: 'docker',
      version: '27.3.1',
      storageDriver: 'overlay2',
      imageStore: 'classic',
      dataRoot: '/var/lib/docker',
      cgroupVersion: '2',
      runtimes: ['nvidia', 'runc'],
      cdiDevices: [],
      isRootless: false,
      isDesktop: false,
      canLimitMemory: true,
      isSelinuxOn: false,
      lacks: [],
      isDefault: true,
      isRemote: false,
    },
    os: {
      platform: 'linux',
      id: 'ubuntu',
      name: 'Ubuntu 24.04.1 LTS',
      version: '24.04',
      kernel: '6.8.0-45-generic',
      hostname: 'enclave-a',
      environment: 'metal',
      hostnameGoes: 'address',
    },
    desktop: null,
    security: { selinux: null, isApparmorOn: true, firewalls: [{ name: 'ufw', isActive: false }] },
    ports: [5052, 50052, 8000, 4000].map((port) => ({
      port,
      purpose: 'model server',
      state: 'free' as const,
      owner: null,
    })),
    notKnown: [],
    ...changes,
  };
}

/** An idle 80 GiB GPU whose memory the driver tells. */
export function gpu(changes: Partial<Gpu> = {}): Gpu {
  return {
    vendor: 'nvidia',
    name: 'NVIDIA H100 80GB HBM3',
    vramSource: 'nvidia-smi',
    isVramTrusted: true,
    vramTotalBytes: 80 * gib,
    vramFreeBytes: 79.5 * gib,
    driverVersion: '580.65.06',
    computeCapability: '9.0',
    isMigEnabled: false,
    migProfile: null,
    cudaVersion: '13.0',
    eccErrors: 0,
    eccErrorsEver: 0,
    processes: [],
    isIntegrated: null,
    sharedBytes: null,
    driverSays: null,
    ...changes,
  };
}
