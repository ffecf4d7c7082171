import { appError } from '../../../shared/errors/app-error.ts';
import type { CatalogPage, ModelCatalog } from './model-catalog.ts';

/** The page that answers for a version. */
export interface ChosenPage {
  page: CatalogPage;
  /** "18.9"; null when none was asked for. */
  asked: string | null;
  /** The other pages that speak of the version too. */
  others: CatalogPage[];
  /** False: it is not certain that this page is the version's, as the notes say. */
  isExact: boolean;
}

/** Major and minor of a version as people write it: 18.9, v18.9.1, 18.9.1-ee. Raises `input.invalid`. */
export function parseGitlabVersion(text: string): { major: number; minor: number } {
  const match = /^v?(\d{1,3})\.(\d{1,3})(?:\.\d{1,3})?(?:-[a-z0-9.]{1,20})?$/i.exec(text.trim());
  if (!match) throw appError('input.invalid', { what: 'GitLab version', issues: ['write it like 18.9 or 18.9.1'] });
  return { major: Number(match[1]), minor: Number(match[2]) };
}

/**
 * The page for a version: the one that speaks of it, the later of two; else the one that is fewest releases away, the earlier of two as near.
 * Raises `input.invalid`, and `catalog.version-too-old` for versions before the first page.
 */
export function pageFor(catalog: ModelCatalog, version: string | undefined): ChosenPage {
  const pages = [...catalog.pages].sort((a, b) => order(a.first) - order(b.first));
  const newest = pages.at(-1);
  const oldest = pages[0];
  if (!newest || !oldest) throw new Error('models.yaml has no pages');
  if (version === undefined) return { page: newest, asked: null, others: [], isExact: true };
  const { major, minor } = parseGitlabVersion(version);
  const asked = `${major}.${minor}`;
  if (order(asked) < order(oldest.first))
    throw appError('catalog.version-too-old', { given: asked, first: oldest.first });
  const speaking = pages.filter((one) => releasesTo(one, asked) === 0);
  const [nearest = newest] = [...pages].sort((a, b) => releasesTo(a, asked) - releasesTo(b, asked));
  const page = speaking.at(-1) ?? nearest;
  return {
    page,
    asked,
    others: speaking.slice(0, -1),
    isExact: speaking.length === 1 && page.judgedBy === undefined,
  };
}

/** How many releases a version is away from what a page speaks of; 0 within. */
export function releasesTo({ first, last }: Pick<CatalogPage, 'first' | 'last'>, version: string): number {
  return Math.max(0, releaseNumber(first) - releaseNumber(version), releaseNumber(version) - releaseNumber(last));
}

/** A major version of GitLab has twelve releases, from .0 to .11. */
function releaseNumber(version: string): number {
  const [major, minor] = version.split('.').map(Number);
  return (major ?? 0) * 12 + (minor ?? 0);
}

/** A number by which versions "major.minor" can be compared. */
export function order(version: string): number {
  const [major, minor] = version.split('.').map(Number);
  return (major ?? 0) * 1000 + (minor ?? 0);
}
