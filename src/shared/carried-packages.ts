import { z } from 'zod';

/** What packages of a distribution bring to a machine. */
export const packageUse = z.enum(['container-engine', 'nvidia-toolkit', 'nvidia-driver', 'browser']);
export type PackageUse = z.infer<typeof packageUse>;

/** How people call it. */
export const packageUseNames: Record<PackageUse, string> = {
  'container-engine': 'a container engine',
  'nvidia-toolkit': 'the NVIDIA Container Toolkit',
  'nvidia-driver': 'the NVIDIA driver',
  browser: 'a browser',
};

const architecture = z.enum(['x64', 'arm64']);

/** The distribution that packages are made for. */
export const packagesFor = z.strictObject({
  system: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,30}$/, 'write it as ID in /etc/os-release, such as debian or ubuntu')
    .describe('Distribution, as ID in /etc/os-release.'),
  version: z
    .string('put the version in quotes, as in "22.04"; without them YAML reads it as a number')
    .regex(/^\d{1,6}(\.\d{1,6}){0,3}$/, 'write it as VERSION_ID in /etc/os-release, such as "12" or "22.04"')
    .describe('Its version, as VERSION_ID in /etc/os-release, or the start of it: "9" also means 9.4.'),
  architecture: architecture.default('x64').describe('Processor, as Node names it.'),
});

/** A file set that packages for a machine are in. */
export const carriedPackages = packagesFor.extend({ provides: packageUse, architecture });
export type CarriedPackages = z.infer<typeof carriedPackages>;

/** Returns a distribution as people write it: `debian 12`, with the processor unless that is the usual one. */
export function systemText({ system, version, architecture }: Omit<CarriedPackages, 'provides'>): string {
  return `${system} ${version}${architecture === 'x64' ? '' : ` (${architecture})`}`;
}
