import { create } from 'zustand';
import type { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/rpc/contract.ts';
import { core } from './core.ts';
import { type ShownError, toShownError } from './shown-error.ts';

type ReadReport = OutputOf<(typeof contract)['report']['read']>;

/** The report that is looked at. */
export const useShownReport = create<{ report?: ReadReport & { path: string }; error?: ShownError }>(() => ({}));

/** Reads and proves a report, and shows it. */
export async function showReport(path: string): Promise<void> {
  try {
    const report = await core().report.read({ path });
    useShownReport.setState({ report: { ...report, path } }, true);
  } catch (error) {
    useShownReport.setState({ error: toShownError(error) }, true);
  }
}
