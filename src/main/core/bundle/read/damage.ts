import { boundedTexts, withinBudget } from '../../../../shared/bounded-text.ts';
import type { Damage } from '../../../../shared/contract/bundle-read.ts';
import { countText } from '../../../../shared/count-text.ts';
import { hexOf } from '../../../../shared/digest.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { type Remedy, steps } from '../../../../shared/errors/define.ts';
import { isPlainLine } from '../../../../shared/plain-text.ts';
import type { Work } from '../../work.ts';
import { blobOfPath } from '../format/check-payload.ts';
import type { BundleContent } from '../format/format.ts';
import { modelPathAnnotation, ociManifest, parseOci, titleAnnotation } from '../format/oci-documents.ts';
import type { OpenBundle } from './open-media.ts';
import { smallBlob } from './read-blob.ts';

const shownPaths = 5;
const maxWarnings = 50;
const remedyBytes = 150_000;

/** Returns a function that adds to a damage which images, models and file sets need the damaged file, and what the file is called there. */
export async function naming(open: OpenBundle, signal: AbortSignal): Promise<(one: Damage) => Damage> {
  const users = new Map<string, Set<string>>();
  const files = new Map<string, Set<string>>();
  const add = (map: Map<string, Set<string>>, digest: string, name: string) => {
    const names = map.get(hexOf(digest));
    if (names) names.add(name);
    else map.set(hexOf(digest), new Set([name]));
  };
  for (const content of open.head?.payload.contents ?? []) {
    const { kind, name, manifest, blobs } = content;
    for (const { digest } of [manifest, ...blobs]) add(users, digest, `${kind} ${name}`);
    for (const [digest, file] of await fileNames(open, content, signal)) add(files, digest, file);
  }
  return (one) => {
    const hex = blobOfPath(one.path)?.hex ?? '';
    const [contents, names] = [users.get(hex), files.get(hex)];
    return {
      ...one,
      ...(contents && { contents: boundedTexts([...contents]) }),
      ...(names && { files: boundedTexts([...names]) }),
    };
  };
}

/** The names of a content's files by digest; none for an image, or while its manifest is missing or damaged itself. */
async function fileNames(open: OpenBundle, content: BundleContent, signal: AbortSignal): Promise<[string, string][]> {
  if (content.kind === 'image') return [];
  try {
    const bytes = await smallBlob(open, content.manifest, signal);
    if (!bytes) return [];
    const { layers } = parseOci(bytes, ociManifest, `The manifest of ${content.name}`);
    return layers.flatMap(({ digest, annotations }): [string, string][] => {
      const name = annotations?.[modelPathAnnotation] ?? annotations?.[titleAnnotation];
      return name !== undefined && isPlainLine(name) ? [[digest, name]] : [];
    });
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}

/** Returns a function that warns of damage as it is found, the first times it is called: a medium may have any amount. */
export function damageWarnings(work: Pick<Work, 'warn'>): (one: Damage) => void {
  let count = 0;
  return ({ kind, medium, path, offsetBytes }) => {
    count += 1;
    if (count <= maxWarnings) work.warn(`${kind}: ${medium}: ${path}, byte ${offsetBytes}`);
  };
}

/**
 * Returns one remedy for each damaged medium: what to insert, to try again or to copy again. Of more than fit into an answer, the first,
 * and how many more media are damaged.
 */
export function damageRemedies(damage: readonly Damage[]): Remedy[] {
  const byMedium = new Map<string, Damage[]>();
  for (const one of damage) {
    const own = byMedium.get(one.medium);
    if (own) own.push(one);
    else byMedium.set(one.medium, [one]);
  }
  const all = [...byMedium].map(([medium, own]) => steps(...mediumSteps(medium, own)));
  const shown = withinBudget(all, remedyBytes);
  const more = all.length - shown.length;
  return more === 0
    ? shown
    : [...shown, steps(`… and ${countText(more, 'more medium', 'more media')}: verify them next.`)];
}

function mediumSteps(medium: string, damage: readonly Damage[]): string[] {
  const pathsOf = (...kinds: Damage['kind'][]) => [
    ...new Set(damage.filter((one) => kinds.includes(one.kind)).map((one) => one.path)),
  ];
  const unreadable = pathsOf('unreadable');
  const spoilt = pathsOf('block', 'truncated', 'too-long', 'missing-file', 'not-a-file', 'digest', 'unreadable');
  return [
    ...(pathsOf('missing-medium').length > 0 ? [`Insert ${medium} too, or verify it on its own later.`] : []),
    ...(pathsOf('missing-head').length > 0 ? ['Insert the last medium too: it lists the whole bundle.'] : []),
    ...(unreadable.length > 0 ? [`Try ${medium} in another port or reader first: it returns read errors.`] : []),
    ...(spoilt.length > 0
      ? [
          `Copy ${spoilt.length === 1 ? 'this file' : `these ${spoilt.length} files`} to ${medium} again, from the machine that packed ${spoilt.length === 1 ? 'it' : 'them'} or from another copy: ${shortList(spoilt)}. All other files are intact.`,
          'Or get only the damaged blocks: sealift bundle repair-request DIR --out repair-request.json',
        ]
      : []),
  ];
}

function shortList(paths: readonly string[]): string {
  const more = paths.length - shownPaths;
  return `${paths.slice(0, shownPaths).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
