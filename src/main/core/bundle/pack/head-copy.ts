import { dirname, join, resolve } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { refuseExisting, refuseNoFolder } from '../../files/refuse-existing.ts';
import { isInside } from '../../files/source-folder.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { mediumFolder } from '../format/format.ts';
import { placeOf } from '../sources/content-source.ts';
import type { PreparedPack } from './prepare-pack.ts';

/** Checks the place for a copy of the head before anything is written. Throws `file.missing`, `input.invalid`. */
export async function refuseHeadCopy(given: string, prepared: PreparedPack, overwrite: boolean): Promise<void> {
  const path = resolve(given);
  await refuseNoFolder(dirname(path), 'The folder for the copy of the head');
  const isSource = prepared.sources.some((source) => source.blobs.some((blob) => placeOf(blob) === path));
  const isOnMedium = prepared.media.some(({ target }) => isInside(path, join(target.path, mediumFolder)));
  const issue = isSource
    ? 'is a source of the bundle'
    : isOnMedium
      ? 'lies within a medium, where the head is written anyway'
      : undefined;
  if (issue) throw appError('input.invalid', { what: '--head', issues: [`${path} ${issue}`] });
  if (!overwrite) await refuseExisting('--head', path, 'name another file, or add --overwrite');
}

/** Writes the copy of the head; an older one stays until the new one is complete. Throws what `writeWhole` throws. */
export async function writeHeadCopy(given: string, bytes: Buffer): Promise<void> {
  await writeWhole(resolve(given), bytes, { mode: 0o644 });
}
