import { create } from 'zustand';
import type { contract } from '../../../shared/contract/index.ts';
import type { ItemOf, OutputOf } from '../../../shared/rpc/contract.ts';
import { core, feed } from '../../state/core.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { turns } from '../../state/turns.ts';

/** How all sites stand. */
export type Sites = ItemOf<(typeof contract)['site']['watch']>;
type Removal = OutputOf<(typeof contract)['site']['removal']>;

interface Home {
  sites?: Sites;
  /** Why the sites cannot be followed. */
  error?: ShownError;
  /** Why what was asked for last could not be shown or begun. */
  refused?: ShownError | undefined;
  /** What uninstalling would do, while it is being considered. */
  removal?: Removal & { keepWeights: boolean };
  /** The log that is looked at. */
  log?: { site: string; part: string; lines: readonly string[] };
}

/** State of the start page. */
export const useHome = create<Home>(() => ({}));

let isFollowed = false;
/** Begins to follow the sites; further calls do nothing. */
export function followSites(): void {
  if (isFollowed) return;
  isFollowed = true;
  feed(
    core().site.watch({}),
    (sites) => useHome.setState({ sites }),
    (error) => useHome.setState({ error }),
  );
}

const beginRemoval = turns();

/** Asks what uninstalling a site would remove and keep; of several questions the last one counts. */
export async function considerRemoval(site: string, keepWeights: boolean): Promise<void> {
  const isLast = beginRemoval();
  useHome.setState({ refused: undefined });
  try {
    const removal = await core().site.removal({ site, keepWeights });
    if (isLast()) useHome.setState({ removal: { ...removal, keepWeights } });
  } catch (error) {
    if (isLast()) useHome.setState({ refused: toShownError(error) });
  }
}

/** Removes a site as it was considered. */
export async function removeSite(site: string, keepWeights: boolean): Promise<void> {
  leaveRemoval();
  try {
    await core().site.uninstall({ site, keepWeights });
  } catch (error) {
    useHome.setState({ refused: toShownError(error) });
  }
}

/** Forgets the removal that was considered, also one whose answer is still to come. */
export function leaveRemoval(): void {
  beginRemoval();
  useHome.setState(({ removal: _removal, ...rest }) => rest, true);
}

const shownLines = 200;
const beginLog = turns();

/** Reads the end of a part's log; of several questions the last one counts. */
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

/** Closes the log. */
export function closeLog(): void {
  useHome.setState(({ log: _log, ...rest }) => rest, true);
}
