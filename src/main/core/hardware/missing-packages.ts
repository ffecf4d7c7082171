import { type PackageUse, packageUseNames } from '../../../shared/carried-packages.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { Machine } from '../../../shared/machine.ts';
import { installRemedies, type PackageSet, systemOf } from '../store/carried-packages.ts';

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

/** One line for each thing that a machine lacks and that packages for it could bring, but these sets do not. */
export function notCarried(machine: Machine, sets: readonly PackageSet[]): string[] {
  const here = systemOf(machine);
  const system = here.id === null ? (machine.os.name ?? 'its system') : `${here.id} ${here.version ?? ''}`.trim();
  return missingPackages(machine)
    .filter(({ use }) => installRemedies(use, here, sets).length === 0)
    .map(
      ({ use }) => `The machine lacks ${packageUseNames[use]}, and the bundle has no packages with it for ${system}.`,
    );
}
