import { join } from 'node:path';
import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { shellWord } from '../../../../shared/shell-word.ts';
import { appFolder } from '../format/format.ts';
import type { OpenBundle } from './open-media.ts';

const packageName = new RegExp(`^${appFolder}/sealift-(\\d+)[.](\\d+)[.](\\d+)-([a-z]+-[a-z0-9]+)[.]tar[.]gz$`);

/**
 * Returns an amber finding when a trusted medium brings a newer Sealift for this machine than this `version`: the bundle was packed by
 * that one. Never offers a stranger's program.
 */
export function newerSealiftFinding({ media }: OpenBundle, version: string): Finding | undefined {
  const own = version.split('.').map(Number);
  for (const { label, root, payload, isTrusted } of media)
    for (const { path } of root === undefined || !isTrusted ? [] : payload.files) {
      const [, major, minor, patch, platform] = packageName.exec(path) ?? [];
      const found = [major, minor, patch].map(Number);
      if (platform !== `${process.platform}-${process.arch}` || !isNewer(found, own)) continue;
      return {
        id: 'bundle.newer-sealift',
        severity: 'amber',
        title: `${label} brings Sealift ${found.join('.')}, and this is ${version}.`,
        consequence: 'The newer one packed this bundle, and may know contents that this one does not.',
        remedies: [
          steps(
            `Check that the installer is the one that was signed: sealift bundle verify ${shellWord(root ?? '')}`,
            `If nothing is wrong, update Sealift before you import: sh ${shellWord(join(root ?? '', appFolder, 'install.sh'))}`,
            'To return to this version afterwards: sealift self rollback',
          ),
        ],
      };
    }
  return undefined;
}

function isNewer(found: number[], own: number[]): boolean {
  const at = found.findIndex((part, index) => part !== own[index]);
  return at !== -1 && (found[at] ?? 0) > (own[at] ?? 0);
}
