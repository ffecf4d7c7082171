import { z } from 'zod';
import { finding } from '../../../shared/finding.ts';
import { parseJson } from '../files/parse-json.ts';

const findings = z.array(finding.pick({ severity: true }));
const reportParts = z.object({
  readiness: z.object({ findings }),
  probe: z.object({ firstRed: z.string().optional() }).nullable(),
  acceptance: z.object({ findings }).nullish(),
});
const version = z.literal(1);
/** What makes a report red; of a readiness file only its findings. */
const judged = z.discriminatedUnion('kind', [
  reportParts.extend({ kind: z.literal('sealift.report'), version }),
  z.object({ kind: z.literal('sealift.readiness'), version, findings }),
]);

/** True when a report contains a red finding or a failed hop. */
export function isRedReport({ readiness, probe, acceptance }: z.infer<typeof reportParts>): boolean {
  return Boolean(probe?.firstRed) || hasRed([...readiness.findings, ...(acceptance?.findings ?? [])]);
}

/** The same for the bytes of a verified `report.json` or readiness file; undefined for what this version cannot read. */
export function isRedFile(bytes: Buffer): boolean | undefined {
  const file = judged.safeParse(json(bytes)).data;
  if (!file) return undefined;
  return file.kind === 'sealift.report' ? isRedReport(file) : hasRed(file.findings);
}

function hasRed(some: z.infer<typeof findings>): boolean {
  return some.some((one) => one.severity === 'red');
}

function json(bytes: Buffer): unknown {
  try {
    return parseJson(bytes, { depth: 32, values: 1_000_000 });
  } catch {
    return undefined;
  }
}
