import { create } from 'zustand';
import type { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/rpc/contract.ts';
import { core } from './core.ts';
import { latestOnly } from './latest-only.ts';
import { type ShownError, toShownError } from './shown-error.ts';

/** A report and the folder it was read from. */
export type ShownReport = OutputOf<(typeof contract)['report']['read']> & { path: string };

/** The report that is shown. */
export const useShownReport = create<{ report?: ShownReport; error?: ShownError }>(() => ({}));

const begin = latestOnly();

/** Reads, verifies and shows a report. Only the result of the latest call is used. */
export async function showReport(path: string): Promise<void> {
  const isLast = begin();
  try {
    const report = await core().report.read({ path });
    if (isLast()) useShownReport.setState({ report: { ...report, path } }, true);
  } catch (error) {
    if (isLast()) useShownReport.setState({ error: toShownError(error) }, true);
  }
}
