import { appError } from '../../../shared/errors/app-error.ts';
import { compareVersions, parseGitlabVersion, versionText } from './gitlab-version.ts';
import type { CatalogPage, ModelCatalog } from './model-catalog.ts';

/** The page that answers for a version. */
export interface ChosenPage {
  page: CatalogPage;
  /** The requested version, such as "18.9"; null when none was requested. */
  asked: string | null;
  /** The other pages that cover the version too. */
  others: CatalogPage[];
  /** False when it is uncertain that this page is the version's; the notes say why. */
  isExact: boolean;
}

/**
 * Returns the page that covers a version, the later one if there are two; else the page that is the fewest releases away, the earlier of two.
 * Raises `input.invalid`, and `catalog.version-too-old` for versions before the first page.
 */
export function pageFor(catalog: ModelCatalog, version: string | undefined): ChosenPage {
  const pages = [...catalog.pages].sort((a, b) => compareVersions(a.first, b.first));
  const newest = pages.at(-1);
  const oldest = pages[0];
  if (!newest || !oldest) throw new Error('models.yaml has no pages');
  if (version === undefined) return { page: newest, asked: null, others: [], isExact: true };
  const asked = versionText(parseGitlabVersion(version));
  if (compareVersions(asked, oldest.first) < 0)
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

/** Returns how many releases a version is away from those of a page; 0 when the page covers it. */
export function releasesTo({ first, last }: Pick<CatalogPage, 'first' | 'last'>, version: string): number {
  return Math.max(0, releaseNumber(first) - releaseNumber(version), releaseNumber(version) - releaseNumber(last));
}

/** A major version of GitLab has twelve releases, from .0 to .11. */
function releaseNumber(version: string): number {
  const { major, minor } = parseGitlabVersion(version);
  return major * 12 + minor;
}
