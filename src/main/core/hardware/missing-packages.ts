import { boundedText } from '../../../shared/bounded-text.ts';
import { type CarriedPackages, type PackageUse, packageUseNames } from '../../../shared/carried-packages.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { Machine } from '../../../shared/machine.ts';
import { plainLine } from '../../../shared/plain-text.ts';
import { installRemedies, isFor, type PackageSet, systemOf } from '../store/carried-packages.ts';
import type { HardwareCatalog } from './hardware-catalog.ts';

/** What packages would bring to a machine that lacks it, and the finding that says so. */
interface Missing {
  use: PackageUse;
  findingId: string;
}

/** Returns what a machine lacks and packages can bring. */
export function missingPackages({ os, engine, gpus, gpuToolkit, desktop }: Machine): Missing[] {
  if (os.platform !== 'linux') return [];
  const nvidia = gpus.filter((gpu) => gpu.vendor === 'nvidia');
  const lacks = (isMissing: boolean, use: PackageUse, findingId: string) => (isMissing ? [{ use, findingId }] : []);
  return [
    ...lacks(engine.state === 'absent', 'container-engine', 'hardware.engine'),
    ...lacks(nvidia.length > 0 && gpuToolkit.nvidiaCtk === null, 'nvidia-toolkit', 'hardware.engine-gpu'),
    ...lacks(
      nvidia.some((gpu) => gpu.driverVersion === null && gpu.vramSource === 'none'),
      'nvidia-driver',
      'hardware.gpu-not-known',
    ),
    ...lacks(
      desktop?.hasDisplay === true && desktop.browser === null && !desktop.hasWindow,
      'browser',
      'hardware.browser',
    ),
  ];
}

/** Checks whether packages are for a machine. */
export function isForMachine(packages: Omit<CarriedPackages, 'provides'>, machine: Machine): boolean {
  return isFor(packages, systemOf(machine));
}

/** Returns what a machine lacks, packages can bring, and these sets do not. */
export function notBrought(machine: Machine, sets: readonly PackageSet[]): PackageUse[] {
  const here = systemOf(machine);
  const uses = missingPackages(machine).map(({ use }) => use);
  return uses.filter((use) => installRemedies(use, here, sets).length === 0);
}

/** Returns the findings with a first remedy where packages of the store bring what a finding misses. */
export function withStoredPackages(
  findings: readonly Finding[],
  machine: Machine,
  sets: readonly PackageSet[],
): Finding[] {
  const missing = missingPackages(machine);
  return findings.map((one) => {
    const use = missing.find(({ findingId }) => findingId === one.id)?.use;
    if (!use || one.severity === 'green') return one;
    return { ...one, remedies: [...installRemedies(use, systemOf(machine), sets), ...one.remedies] };
  });
}

const maxSystemChars = 60;

/**
 * One line for each thing that a machine lacks and that packages for it could bring, but these sets do not. For a distribution with RPM
 * packages, whose dependencies are not resolved here, it names what a person fetches, and how.
 */
export function notCarried(
  machine: Machine,
  sets: readonly PackageSet[],
  rpms: HardwareCatalog['rpmPackages'],
): string[] {
  const here = systemOf(machine);
  const named = here.id === null ? (machine.os.name ?? 'its system') : `${here.id} ${here.version ?? ''}`;
  // From a file that anyone may have written, for pages that tell people what to type.
  const system = boundedText(plainLine(named), maxSystemChars);
  return notBrought(machine, sets).map(
    (use) =>
      `The machine lacks ${packageUseNames[use]}, and the bundle has no packages with it for ${system}.${rpmSteps(rpms, use, here.id, system)}`,
  );
}

function rpmSteps(
  { systems, packages }: HardwareCatalog['rpmPackages'],
  use: PackageUse,
  id: string | null,
  system: string,
): string {
  const found = packages.find((one) => one.provides === use);
  if (id === null || found === undefined || !systems.includes(id)) return '';
  const { name, repository } = found;
  const doubt = found.isVerified ? '' : ' (a name that was not verified)';
  const from = repository === undefined ? '' : ` and ${repository}`;
  return ` To fetch ${name}${doubt} with what it depends on, on a machine with ${system}${from} and internet: dnf download --resolve --alldeps --destdir rpms ${name}. Then add the folder rpms to BUNDLE.yaml as files with provides: ${use}.`;
}
