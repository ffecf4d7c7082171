import { create } from 'zustand';
import type { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/rpc/contract.ts';
import { core } from './core.ts';
import { type ShownError, toShownError } from './shown-error.ts';
import { turns } from './turns.ts';

/** A report that was read, and where it lies. */
export type ShownReport = OutputOf<(typeof contract)['report']['read']> & { path: string };

/** The report that is looked at. */
export const useShownReport = create<{ report?: ShownReport; error?: ShownError }>(() => ({}));

const begin = turns();

/** Reads and proves a report, and shows it; of several questions the last one counts. */
export async function showReport(path: string): Promise<void> {
  const isLast = begin();
  try {
    const report = await core().report.read({ path });
    if (isLast()) useShownReport.setState({ report: { ...report, path } }, true);
  } catch (error) {
    if (isLast()) useShownReport.setState({ error: toShownError(error) }, true);
  }
}
