import type { ProbeCause } from '../../../shared/contract/probe.ts';
import { clockLimitSeconds } from '../http/clock-limit.ts';
import type { DiagnosisCatalog, DiagnosisRule } from './diagnosis-catalog.ts';
import { type ReportedStatus, reportedStatus } from './reported-status.ts';

/** Everything known about one failure. */
export interface Symptom {
  hop: string;
  status: number | null;
  failure: string;
  headers: Record<string, string>;
  /** The error and the start of the answer. */
  text: string;
  clockOffsetSeconds: number | null;
}

const rank = { high: 0, medium: 1, low: 2 };

/**
 * Returns the causes whose rows match, each with its evidence: rows of higher confidence first, rows of the same confidence in the order
 * of the file. Returns the fallback row when no other row matches.
 */
export function diagnose(catalog: DiagnosisCatalog, symptom: Symptom): ProbeCause[] {
  const reported = reportedStatus(symptom);
  const causes = catalog.rows.flatMap(({ match, fallback: _fallback, source: _source, ...row }) => {
    const evidence = match.map((rule) => evidenceOf(rule, symptom, reported)).find((found) => found !== undefined);
    return evidence ? [{ ...row, evidence: [`hop ${symptom.hop}`, ...evidence] }] : [];
  });
  if (causes.length > 0) return causes.sort((a, b) => rank[a.confidence] - rank[b.confidence]);
  return catalog.rows
    .filter((row) => row.fallback)
    .map(({ id, title, cause, confidence, remedies }) => ({
      ...{ id, title, cause, confidence, remedies },
      evidence: [
        `hop ${symptom.hop}`,
        `failure ${symptom.failure}`,
        symptom.status ? `status ${symptom.status}` : 'no answer',
      ],
    }));
}

/** Returns why the rule matches, or undefined when it does not. */
function evidenceOf(rule: DiagnosisRule, symptom: Symptom, reported: ReportedStatus): string[] | undefined {
  const { hop, failure, headers, clockOffsetSeconds } = symptom;
  if (rule.hops && !rule.hops.includes(hop)) return undefined;
  const evidence = statusEvidence(rule, symptom.status, reported);
  if (!evidence) return undefined;
  if (rule.failure) {
    if (!rule.failure.includes(failure)) return undefined;
    evidence.push(`failure ${failure}`);
  }
  if (rule.text) {
    const lower = symptom.text.toLowerCase();
    const found = rule.text.find((text) => lower.includes(text.toLowerCase()));
    if (found === undefined) return undefined;
    evidence.push(`the answer says "${found.trim()}"`);
  }
  if (rule.header) {
    if (headers[rule.header.name] !== rule.header.value) return undefined;
    evidence.push(`header ${rule.header.name}: ${rule.header.value}`);
  }
  if (rule.headerAbsent) {
    if (rule.headerAbsent in headers) return undefined;
    evidence.push(`no header ${rule.headerAbsent}`);
  }
  if (rule.clock) {
    if (clockOffsetSeconds === null || clockOf(clockOffsetSeconds) !== rule.clock) return undefined;
    evidence.push(`its clock differs from ours by ${clockOffsetSeconds} s`);
  }
  return evidence;
}

/** Returns the statuses that the rule asks for, in words, or undefined when one of them differs. */
function statusEvidence(rule: DiagnosisRule, own: number | null, { model, gateway }: ReportedStatus) {
  const asked: [number[] | undefined, number | null, string][] = [
    [rule.status, own, `status ${own}`],
    [rule.modelStatus, model, `the model server's status is reported as ${model}`],
    [rule.gatewayStatus, gateway, `the gateway's status is reported as ${gateway}`],
  ];
  const wanted = asked.filter(([statuses]) => statuses !== undefined);
  const matches = wanted.every(([statuses, seen]) => seen !== null && statuses?.includes(seen));
  return matches ? wanted.map(([, , words]) => words) : undefined;
}

function clockOf(offsetSeconds: number): 'ahead' | 'behind' | undefined {
  if (Math.abs(offsetSeconds) <= clockLimitSeconds) return undefined;
  return offsetSeconds > 0 ? 'ahead' : 'behind';
}
