import { create } from 'zustand';
import type { contract } from '../../../shared/contract/index.ts';
import type { ItemOf, OutputOf } from '../../../shared/rpc/contract.ts';
import { core, feed } from '../../state/core.ts';
import { latestOnly } from '../../state/latest-only.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { homeText as text } from '../../text/home.ts';
import { noteSpeeds } from './speeds.ts';

/** The status of all sites. */
export type Sites = ItemOf<(typeof contract)['site']['watch']>;
type Removal = OutputOf<(typeof contract)['site']['removal']>;

/** What stays on this machine when a site is removed. */
export interface Keeping {
  keepWeights: boolean;
  keepImages: boolean;
}

interface Home {
  sites?: Sites;
  /** Why the sites cannot be followed. */
  error?: ShownError;
  /** Why the last request of the person was refused. */
  refused?: ShownError | undefined;
  /** What uninstalling would remove and keep, while the dialog is open. */
  removal?: Removal & { keeping: Keeping };
  /** The log that is shown. */
  log?: { site: string; part: string; lines: readonly string[] };
}

/** State of the Home screen. */
export const useHome = create<Home>(() => ({}));

let isFollowed = false;
/** Starts to follow the sites. Further calls do nothing. */
export function followSites(): void {
  if (isFollowed) return;
  isFollowed = true;
  feed(
    core().site.watch({}),
    (sites) => {
      noteSpeeds(sites.parts);
      useHome.setState({ sites });
    },
    (error) => useHome.setState({ error }),
  );
}

const beginRemoval = latestOnly();
const asAtFirst: Keeping = { keepWeights: true, keepImages: false };

/** Asks what uninstalling a site would remove and keep. Only the result of the latest call is used. */
export async function considerRemoval(site: string, keeping = asAtFirst): Promise<void> {
  const isLast = beginRemoval();
  useHome.setState({ refused: undefined });
  try {
    const removal = await core().site.removal({ site, ...keeping });
    if (isLast()) useHome.setState({ removal: { ...removal, keeping } });
  } catch (error) {
    if (isLast()) useHome.setState({ refused: toShownError(error) });
  }
}

/** Uninstalls a site, and closes the dialog. */
export async function removeSite(site: string, keeping: Keeping): Promise<void> {
  leaveRemoval();
  try {
    await core().site.uninstall({ site, ...keeping });
  } catch (error) {
    useHome.setState({ refused: toShownError(error) });
  }
}

/** Closes the removal dialog, and ignores an answer that is still pending. */
export function leaveRemoval(): void {
  beginRemoval();
  useHome.setState(({ removal: _removal, ...rest }) => rest, true);
}

const shownLines = 200;
const beginLog = latestOnly();

/** Reads the end of a part's log. Only the result of the latest call is used. */
export async function readLog(site: string, part: string): Promise<void> {
  const isLast = beginLog();
  const lines: string[] = [];
  useHome.setState({ refused: undefined });
  try {
    for await (const { line } of core().site.logs({ site, part, tail: shownLines })) lines.push(line);
    if (isLast()) useHome.setState({ log: { site, part, lines } });
  } catch (error) {
    if (isLast()) useHome.setState({ refused: toShownError(error) });
  }
}

/** Returns what people call a part of a site; a part without a label keeps its own name. */
export function nameOfPart(part: string): string {
  return Object.hasOwn(text.partNames, part) ? (text.partNames[part] ?? part) : part;
}

/** Returns the version of a part without the mark that its badge is. */
export function ownVersion({ version }: Sites['parts'][number]): string {
  return version.replace(/ ?SIMULATED$/, '');
}

/** Closes the log. */
export function closeLog(): void {
  useHome.setState(({ log: _log, ...rest }) => rest, true);
}
