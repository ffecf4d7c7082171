import type { FilesSpec } from '../../../../shared/bundle-spec.ts';
import { type PackageUse, packageUseNames, systemText } from '../../../../shared/carried-packages.ts';
import type { NeededContent } from '../../../../shared/contract/needs.ts';
import type { DebianSpec } from '../../../../shared/fetched-files.ts';
import { type HardwareCatalog, sourceText } from '../../hardware/hardware-catalog.ts';
import { isForMachine, missingPackages } from '../../hardware/missing-packages.ts';
import type { NeedsQuestion } from './needs-question.ts';
import type { ByHand } from './origins-catalog.ts';

/** Packages that the site's machine lacks. */
export interface NeededPackages {
  entry: FilesSpec & { provides: PackageUse; for: NonNullable<FilesSpec['for']> };
  about: NeededContent;
  /** Where nothing on this machine would verify them: what a person must do first. */
  byHand?: Pick<ByHand, 'title' | 'how'>;
}

type System = HardwareCatalog['debianPackages']['systems'][number];
type Row = HardwareCatalog['debianPackages']['packages'][number];
const debianNames = { x64: 'amd64', arm64: 'arm64' };

/**
 * Returns the packages that a machine with Debian or Ubuntu lacks and a repository has, each with its dependencies. For other systems, and
 * no machine, there are none.
 */
export function neededPackages({ machine, hardware, keyrings }: NeedsQuestion): NeededPackages[] {
  if (!machine) return [];
  const systems = hardware.debianPackages.systems.flatMap((system) =>
    system.architectures.map((architecture) => ({ system, architecture })),
  );
  const fitting = systems.find(({ system: { id: system, version }, architecture }) =>
    isForMachine({ system, version, architecture }, machine),
  );
  if (!fitting) return [];
  const hasKeyring = keyrings.includes(fitting.system.keyring);
  const isVerified = hasKeyring || fitting.system.sources.every(({ address }) => address.startsWith('https:'));
  return missingPackages(machine).flatMap(({ use }) => {
    const row = hardware.debianPackages.packages.find(({ provides }) => provides === use);
    if (!row) return [];
    const lacking = { ...fitting, row: { ...row, source: sourceText(hardware, row) }, hasKeyring };
    return [{ ...packagesOf(lacking), ...(!isVerified && { byHand: unverified(lacking) }) }];
  });
}

interface Lacking {
  system: System;
  row: Row;
  architecture: keyof typeof debianNames;
  /** Whether this machine can verify what the distribution signed. */
  hasKeyring: boolean;
}

function packagesOf({ system, row, architecture, hasKeyring }: Lacking): NeededPackages {
  const { id, version, keyring } = system;
  const { provides, repository, source } = row;
  const ofSystem = system.sources.map((one) => ({ ...one, ...(hasKeyring && { keyring }) }));
  const address = repository?.address.replace('{architecture}', debianNames[architecture]) ?? '';
  const sources: DebianSpec['sources'] = [...ofSystem, ...(repository ? [{ ...repository, address }] : [])];
  const name = `${provides}-${id}-${version}`;
  const what = packageUseNames[provides];
  const text = systemText({ system: id, version, architecture });
  return {
    entry: {
      ...{ kind: 'files', name, paths: [], urls: [], charts: [], provides },
      for: { system: id, version, architecture },
      debian: { packages: [row.name], sources, withBase: false },
    },
    about: {
      ...{ kind: 'files', name, title: `Packages for ${text}: ${row.name}` },
      why: [
        `The machine lacks ${what}. There, sealift packages install ${name} installs ${row.name} with what it depends on.`,
        ...(sources.every((one) => one.keyring !== undefined)
          ? []
          : ['To have each signature checked, name the keyring of each of its sources.']),
      ],
      ...{ bytes: null, licence: null, source },
    },
  };
}

function unverified({
  system: { id, version, keyring },
  row,
  architecture,
}: Lacking): NonNullable<NeededPackages['byHand']> {
  const text = systemText({ system: id, version, architecture });
  return {
    title: `Packages for ${text}: ${row.name}`,
    how: `The machine lacks ${packageUseNames[row.provides]}. Sealift adds the packages by itself where ${keyring} exists (package ${id}-keyring), which verifies them. Copy that file to the same place, or add files with provides: ${row.provides} and a debian source whose address has https.`,
  };
}
