import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { partStatus, siteStatus } from '../../../shared/contract/site.ts';
import { AppError, toAppError } from '../../../shared/errors/app-error.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { ServiceState } from '../serving/parts.ts';
import { readServicePlan } from './service/read-service-plan.ts';
import { type ServiceFacts, serviceFacts } from './service-facts.ts';
import { isSimulated } from './service-plan.ts';
import { conditionFindings, planFinding } from './site-findings.ts';
import { sitePaths } from './site-paths.ts';

/** How one site stands, its parts, and what is wrong with it. */
export interface SiteCondition {
  site: Omit<z.infer<typeof siteStatus>, 'afterReboot'>;
  parts: z.infer<typeof partStatus>[];
  findings: Finding[];
}

/** A service that runs writes its state every 2 s; this much older means that it hangs. */
const silentAfterMs = 10_000;

/**
 * Looks at one site: what its service says of itself, checked against the processes that really run; `deploy` is the
 * command line that mends a damaged plan. Never throws for broken files.
 */
export async function siteCondition(sites: string, name: string, now: Date, deploy?: string): Promise<SiteCondition> {
  const paths = sitePaths(sites, name);
  const [facts, plan] = await Promise.all([
    serviceFacts(paths),
    readServicePlan(paths.servicePlan, deploy).catch((error: unknown) => toAppError(error, randomUUID)),
  ]);
  const planned = plan instanceof AppError ? (facts.state?.parts ?? []) : plan.plan.parts;
  const service = serviceWord(facts, now);
  const parts = planned.map(({ name: part, kind }) => {
    const said = facts.state?.parts.find((one) => one.name === part);
    return partCondition(
      name,
      { name: part, kind },
      service === 'running' ? said : undefined,
      facts.state?.parts.some((one) => one.state === 'failed' && one.name === part),
    );
  });
  const simulated = planned.some(isSimulated);
  const running = facts.process && { pid: facts.process.pid };
  const times = facts.state && { startedAt: facts.state.startedAt, updatedAt: facts.state.updatedAt };
  return {
    site: { name, simulated, service, ...running, ...times },
    parts,
    findings: [
      ...(plan instanceof AppError ? [planFinding(name, plan)] : []),
      ...conditionFindings(name, { service, parts, problem: facts.problem, now }),
    ],
  };
}

function serviceWord(facts: ServiceFacts, now: Date): SiteCondition['site']['service'] {
  if (facts.process) {
    const isFresh =
      facts.state?.pid === facts.process.pid && now.getTime() - Date.parse(facts.state.updatedAt) < silentAfterMs;
    return isFresh ? 'running' : 'not-answering';
  }
  // A service that was stopped has written so; one that was killed left its parts as running.
  const isStopped = facts.state?.parts.every((part) => part.state === 'stopped') ?? false;
  return isStopped ? 'stopped' : 'not-running';
}

function partCondition(
  site: string,
  part: { name: string; kind: string },
  said: ServiceState['parts'][number] | undefined,
  hadFailed = false,
): SiteCondition['parts'][number] {
  const simulated = isSimulated(part) && { simulated: true as const };
  if (!said)
    return {
      site,
      ...part,
      state: hadFailed ? 'failed' : 'stopped',
      version: '',
      measured: {},
      restarts: 0,
      ...simulated,
    };
  const { state, version = '', measured, restarts, pid, host, port, error, silentSince } = said;
  return {
    site,
    ...part,
    state,
    version,
    measured,
    restarts,
    ...(pid !== undefined && { pid }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(error !== undefined && { error }),
    ...(silentSince !== undefined && { silentSince }),
    ...simulated,
  };
}
