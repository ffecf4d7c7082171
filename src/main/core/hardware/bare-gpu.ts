import type { Gpu } from '../../../shared/machine.ts';

/** Returns a GPU of which only the vendor, and perhaps the name, is known. */
export function bareGpu(vendor: Gpu['vendor'], name: string | null): Gpu {
  return {
    vendor,
    name,
    vramSource: 'none',
    isVramTrusted: false,
    vramTotalBytes: null,
    vramFreeBytes: null,
    driverVersion: null,
    computeCapability: null,
    isMigEnabled: null,
    migProfile: null,
    cudaVersion: null,
    eccErrors: null,
    eccErrorsEver: null,
    processes: null,
    isIntegrated: null,
    sharedBytes: null,
    driverSays: null,
  };
}
