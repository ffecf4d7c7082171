import type { ProbeCause } from '../../../shared/contract/probe.ts';
import { clockLimitSeconds } from '../http/clock-limit.ts';
import type { DiagnosisCatalog, DiagnosisRule } from './diagnosis-catalog.ts';
import { findErrorCode, findWords, type SearchedText, searchedText } from './find-text.ts';
import { type ReportedStatus, reportedStatus } from './reported-status.ts';

/** The hop of a symptom that a person passes, who need not know where it comes from. */
export const givenHop = 'given';

/** Everything known about one failure. */
export interface Symptom {
  /** A hop of the probe, or `givenHop`. */
  hop: string;
  status: number | null;
  failure: string;
  headers: Record<string, string>;
  /** The error and the start of the answer. */
  text: string;
  /** Lines of a log from the time of the failure. */
  log?: string;
  clockOffsetSeconds: number | null;
}

type Seen = Symptom & { reported: ReportedStatus; texts: SearchedText[] };

const rank = { high: 0, medium: 1, low: 2 };

/** Returns the causes whose rows match, as `matchingCauses` does, or the fallback row when none does. */
export function diagnose(catalog: DiagnosisCatalog, symptom: Symptom): ProbeCause[] {
  const causes = matchingCauses(catalog, symptom);
  if (causes.length > 0) return causes;
  const { failure, status } = symptom;
  return catalog.rows
    .filter((row) => row.fallback)
    .map(({ id, title, cause, confidence, remedies }) => ({
      ...{ id, title, cause, confidence, remedies },
      evidence: [...whereOf(symptom), `failure ${failure}`, status ? `status ${status}` : 'no answer'],
    }));
}

/**
 * Returns the causes whose rows match, each with its evidence: causes of higher confidence first, those of the same confidence in the
 * order of the file.
 */
export function matchingCauses(catalog: DiagnosisCatalog, symptom: Symptom): ProbeCause[] {
  const seen: Seen = { ...symptom, reported: reportedStatus(symptom), texts: textsOf(symptom) };
  const where = whereOf(symptom);
  const causes = catalog.rows.flatMap(({ match, fallback: _fallback, source: _source, ...row }) => {
    const [best] = match
      .flatMap((rule) => {
        const evidence = evidenceOf(rule, seen);
        return evidence ? [{ confidence: rule.confidence ?? row.confidence, evidence: [...where, ...evidence] }] : [];
      })
      .sort((a, b) => rank[a.confidence] - rank[b.confidence]);
    return best ? [{ ...row, ...best }] : [];
  });
  return causes.sort((a, b) => rank[a.confidence] - rank[b.confidence]);
}

function whereOf({ hop }: Symptom): string[] {
  return hop === givenHop ? [] : [`hop ${hop}`];
}

function textsOf({ text, log = '' }: Symptom): SearchedText[] {
  return [searchedText('answer', text), ...(log === '' ? [] : [searchedText('log', log)])];
}

/** Returns why the rule matches, or undefined when it does not. */
function evidenceOf(rule: DiagnosisRule, seen: Seen): string[] | undefined {
  const { hop, failure, texts } = seen;
  if (rule.hops && !rule.hops.includes(hop)) return undefined;
  if (rule.failure && !rule.failure.includes(failure)) return undefined;
  const parts = [
    statusEvidence(rule, seen.status, seen.reported),
    rule.failure ? [`failure ${failure}`] : [],
    rule.text ? findWords(texts, rule.text) : [],
    rule.errorCode ? findErrorCode(texts, rule.errorCode) : [],
    headerEvidence(rule, seen),
    rule.clock ? clockEvidence(rule.clock, seen.clockOffsetSeconds) : [],
  ];
  return parts.includes(undefined) ? undefined : parts.flatMap((one) => one ?? []);
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

function headerEvidence({ header, headerAbsent }: DiagnosisRule, { headers }: Seen): string[] | undefined {
  if (header && headers[header.name] !== header.value) return undefined;
  if (headerAbsent && headerAbsent in headers) return undefined;
  return [
    ...(header ? [`header ${header.name}: ${header.value}`] : []),
    ...(headerAbsent ? [`no header ${headerAbsent}`] : []),
  ];
}

function clockEvidence(side: 'ahead' | 'behind', offsetSeconds: number | null): string[] | undefined {
  if (offsetSeconds === null || Math.abs(offsetSeconds) <= clockLimitSeconds) return undefined;
  if (side !== (offsetSeconds > 0 ? 'ahead' : 'behind')) return undefined;
  return [`its clock differs from ours by ${offsetSeconds} s`];
}
