import { z } from 'zod';
import { parseJson } from '../files/parse-json.ts';
import type { ReportData } from './report-data.ts';

const findings = z.array(z.object({ severity: z.string() }));
/** What makes a report red; of a readiness file only its findings. */
const judged = z.object({
  findings: findings.optional(),
  readiness: z.object({ findings }).optional(),
  probe: z.object({ firstRed: z.string().optional() }).nullish(),
  acceptance: z.object({ findings }).nullish(),
});

/** True when a report contains a red finding or a failed hop. */
export function isRedReport(report: Pick<ReportData, 'readiness' | 'probe' | 'acceptance'>): boolean {
  return isRed(report);
}

/** The same for the bytes of a verified `report.json` or readiness file; false for bytes of another kind, such as a page. */
export function isRedFile(bytes: Buffer): boolean {
  try {
    return isRed(judged.parse(parseJson(bytes, { depth: 32, values: 1_000_000 })));
  } catch {
    return false;
  }
}

function isRed({ findings: own = [], readiness, probe, acceptance }: z.infer<typeof judged>): boolean {
  const all = [...own, ...(readiness?.findings ?? []), ...(acceptance?.findings ?? [])];
  return Boolean(probe?.firstRed) || all.some((one) => one.severity === 'red');
}
