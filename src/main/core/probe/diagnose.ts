import type { ProbeCause } from '../../../shared/contract/probe.ts';
import type { DiagnosisCatalog, DiagnosisRule } from './diagnosis-catalog.ts';

/** What is known of one failure. */
export interface Symptom {
  hop: string;
  status: number | null;
  failure: string;
  headers: Record<string, string>;
  /** Error line and answer together. */
  text: string;
  clockOffsetSeconds: number | null;
}

// The gateway grants no leeway, and GitLab's tokens begin 5 s in the past.
const clockLimitSeconds = 5;
const rank = { high: 0, medium: 1, low: 2 };

/** The causes whose signatures fit, the surest first, each with what was seen; the fallback row when none fits. */
export function diagnose(catalog: DiagnosisCatalog, symptom: Symptom): ProbeCause[] {
  const causes = catalog.rows.flatMap(({ match, fallback: _fallback, source: _source, ...row }) => {
    const evidence = match.map((rule) => evidenceOf(rule, symptom)).find((found) => found !== undefined);
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

/** What made the rule hold, or undefined when it does not. */
function evidenceOf(rule: DiagnosisRule, symptom: Symptom): string[] | undefined {
  const { hop, status, failure, headers, clockOffsetSeconds } = symptom;
  if (rule.hops && !rule.hops.includes(hop)) return undefined;
  const evidence: string[] = [];
  if (rule.status) {
    if (status === null || !rule.status.includes(status)) return undefined;
    evidence.push(`status ${status}`);
  }
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

function clockOf(offsetSeconds: number): 'ahead' | 'behind' | undefined {
  if (Math.abs(offsetSeconds) <= clockLimitSeconds) return undefined;
  return offsetSeconds > 0 ? 'ahead' : 'behind';
}
