import { randomUUID } from 'node:crypto';
import type { HopResult, ProbeCause, ProbeResult } from '../../../shared/contract/probe.ts';
import { modelSites } from '../../../shared/model-sites.ts';
import { simulatedHeader } from '../http/simulated-header.ts';
import type { Work } from '../work.ts';
import { cleanText } from './clean-text.ts';
import { diagnose } from './diagnose.ts';
import type { DiagnosisCatalog } from './diagnosis-catalog.ts';
import { fitRemedies } from './fit-remedies.ts';
import type { Hop, ProbeContext } from './hop.ts';
import type { HopOutcome } from './observation.ts';
import { clockFinding } from './probe-findings.ts';

const answerChars = 2000;

/**
 * Probes hop by hop and skips the rest after the first failure; where a site has several models, a hop asks each of them. Whatever the other sides answer, the result is
 * bounded, free of this site's secrets and of control characters. Throws only when the work is cancelled.
 */
export async function runProbe(
  hops: Hop[],
  context: ProbeContext,
  catalog: DiagnosisCatalog,
  work: Work,
): Promise<ProbeResult> {
  const result: ProbeResult = {
    site: context.site.name,
    simulated: context.site.gitlab.simulated || context.site.gateway.kind === 'simulated',
    hops: [],
    causes: [],
    notChecked: [],
    findings: [],
    at: context.now().toISOString(),
  };
  const clean = cleaner(context);
  for (const hop of hops) {
    const isOver = result.firstRed !== undefined;
    for (const [own, about] of ofModels(hop, context)) {
      const reason = own.reasonToLeaveOut?.(about);
      if (reason) result.notChecked.push({ hop: own.hop, title: own.title, reason });
      else if (isOver) result.hops.push(skipped(own, about));
      else await runHop(own, about, catalog, work, result, clean);
    }
  }
  return result;
}

/** A hop as it is asked: `kind` is its name in the table of hops. */
type AskedHop = Hop & { kind: string; model?: string };

/** Returns a hop about a model once for each of a list, under a name of its own. */
function ofModels(hop: Hop, context: ProbeContext): [AskedHop, ProbeContext][] {
  if (!context.site.models || !hop.isOfModel) return [[{ ...hop, kind: hop.hop }, context]];
  return modelSites(context.site).map((of) => {
    const model = of.model.servedName;
    const own = { ...hop, kind: hop.hop, hop: `${hop.hop}-${model}`, title: `${hop.title}: ${model}`, model };
    return [own, { ...context, of }];
  });
}

async function runHop(
  hop: AskedHop,
  context: ProbeContext,
  catalog: DiagnosisCatalog,
  work: Work,
  result: ProbeResult,
  clean: (text: string, chars: number) => string,
): Promise<void> {
  const mark = hop.isSimulated(context) ? 'SIMULATED ' : '';
  work.step(hop.hop, `${mark}${hop.title}`);
  const correlationId = `sealift-${randomUUID()}`;
  const outcome = await hop.run(context, correlationId);
  if ('cannotAsk' in outcome) {
    work.endStep('skipped');
    result.notChecked.push({ hop: hop.hop, title: hop.title, reason: outcome.cannotAsk });
    return;
  }
  const one = hopResult(hop, context, outcome, correlationId, clean);
  result.hops.push(one);
  addFindings(result, hop.title, outcome);
  if (one.simulated) result.simulated = true;
  if (outcome.ok) return;
  work.endStep('failed');
  result.firstRed ??= hop.hop;
  const { seen, failure } = outcome;
  const text = `${outcome.error}\n${seen.text}`;
  const ofModel = hop.model === undefined ? '' : `${hop.model}: `;
  for (const cause of diagnose(catalog, { hop: hop.kind, failure, ...seen, text })) {
    const lines = [...cause.evidence.map((line) => clean(line, 300)), ...(one.error ? [one.error] : [])];
    addCause(result, {
      ...cause,
      remedies: fitRemedies(cause.remedies, context),
      evidence: lines.map((line) => `${ofModel}${line}`),
    });
  }
}

/** Adds a cause; of several models that fail alike, each adds its evidence to the one cause. */
function addCause(result: ProbeResult, cause: ProbeCause): void {
  const known = result.causes.find((one) => one.id === cause.id);
  if (known) known.evidence.push(...cause.evidence);
  else result.causes.push(cause);
}

function addFindings(result: ProbeResult, title: string, { seen, findings = [] }: HopOutcome): void {
  const known = result.findings ?? [];
  // One wrong clock shows at several hops: the first is enough.
  const clock = clockFinding(title, seen.clockOffsetSeconds).filter(({ id }) => !known.some((one) => one.id === id));
  // Of several models, each may have the same fault.
  const found = findings.filter((one) => !known.some(({ id, title: said }) => id === one.id && said === one.title));
  result.findings?.push(...clock, ...found);
}

function hopResult(
  { hop, title, model, isSimulated }: AskedHop,
  context: ProbeContext,
  outcome: HopOutcome,
  sentId: string,
  clean: (text: string, chars: number) => string,
): HopResult {
  const { status, latencyMs, headers } = outcome.seen;
  return {
    hop,
    title,
    ...(model !== undefined && { model }),
    ok: outcome.ok,
    skipped: false,
    status,
    latencyMs,
    // GitLab may assign its own id to the request, which is the one in its logs.
    correlationId: clean(headers['x-request-id'] || sentId, 200),
    simulated: isSimulated(context) || simulatedHeader in headers,
    ...(outcome.ok ? { answer: clean(outcome.answer, answerChars) } : { error: clean(outcome.error, 500) }),
  };
}

function skipped({ hop, title, model, isSimulated }: AskedHop, context: ProbeContext): HopResult {
  const simulated = isSimulated(context);
  const about = { hop, title, ...(model !== undefined && { model }) };
  return { ...about, ok: false, skipped: true, status: null, latencyMs: null, correlationId: null, simulated };
}

function cleaner({
  frontApiKey,
  platformKeys = {},
  gitlabToken,
  gatewaySigningKey,
}: ProbeContext): (text: string, chars: number) => string {
  const secrets = [frontApiKey, gitlabToken, gatewaySigningKey, ...Object.values(platformKeys)].flatMap(
    (one) => one || [],
  );
  return (text, chars) => cleanText(text, secrets, chars);
}
