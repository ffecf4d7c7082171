import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { partStatus, siteStatus } from '../../../../shared/contract/site.ts';
import { AppError, toAppError } from '../../../../shared/errors/app-error.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { frontedModels, type PartConfig, type ServiceState } from '../../serving/parts/parts.ts';
import { readServicePlan } from '../../serving/parts/read-service-plan.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { type ServiceFacts, serviceFacts } from '../service/service-facts.ts';
import { isSimulated } from '../service/service-plan.ts';
import { planFinding, serviceFindings } from './service-findings.ts';

/** The state of one site's service and its parts, and their problems. */
export interface ServiceStatus {
  site: Omit<z.infer<typeof siteStatus>, 'afterReboot'>;
  parts: z.infer<typeof partStatus>[];
  findings: Finding[];
}

/** A running service writes its state every 2 s; one this old means that it hangs. */
const silentAfterMs = 10_000;

/**
 * Reads the state that a site's service reports, checked against the processes that really run; `deploy` is the command line that
 * fixes a damaged plan. Never throws because of broken files.
 */
export async function readServiceStatus(paths: SitePaths, now: Date, deploy?: string): Promise<ServiceStatus> {
  const { name } = paths;
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
    site: {
      name,
      simulated,
      ...(plan instanceof AppError ? {} : severalModels(plan.plan.parts)),
      service,
      ...running,
      ...times,
    },
    parts,
    findings: [
      ...(plan instanceof AppError ? [planFinding(name, plan)] : []),
      ...serviceFindings(name, {
        service,
        parts,
        modelHangs: facts.state?.modelHangs,
        modelHangsOf: facts.state?.modelHangsOf,
        problem: facts.problem,
        now,
      }),
    ],
  };
}

function severalModels(parts: readonly PartConfig[]): Pick<ServiceStatus['site'], 'models'> {
  const models = parts.flatMap((part) => (part.kind === 'front' ? frontedModels(part) : []));
  return models.length > 1 ? { models: models.map((one) => one.servedName) } : {};
}

function serviceWord(facts: ServiceFacts, now: Date): ServiceStatus['site']['service'] {
  if (facts.process) {
    const isFresh =
      facts.state?.pid === facts.process.pid && now.getTime() - Date.parse(facts.state.updatedAt) < silentAfterMs;
    return isFresh ? 'running' : 'not-answering';
  }
  // A stopped service has recorded that; a killed one left its parts as running.
  const isStopped = facts.state?.parts.every((part) => part.state === 'stopped') ?? false;
  return isStopped ? 'stopped' : 'not-running';
}

function partCondition(
  site: string,
  part: { name: string; kind: string },
  said: ServiceState['parts'][number] | undefined,
  hadFailed = false,
): ServiceStatus['parts'][number] {
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
  const { state, version = '', measured, restarts, hangs, pid, host, port, error, silentSince } = said;
  return {
    site,
    ...part,
    state,
    version,
    measured,
    restarts,
    ...(hangs && { hangs }),
    ...(pid !== undefined && { pid }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(error !== undefined && { error }),
    ...(silentSince !== undefined && { silentSince }),
    ...simulated,
  };
}
