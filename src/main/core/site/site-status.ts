import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { partStatus, siteStatus } from '../../../shared/contract/site.ts';
import { AppError, toAppError } from '../../../shared/errors/app-error.ts';
import { command, steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { ServiceState } from '../serving/parts.ts';
import { readServicePlan } from './service/read-service-plan.ts';
import { type ServiceFacts, serviceFacts } from './service-facts.ts';
import { isSimulated } from './service-plan.ts';
import { sitePaths } from './site-paths.ts';

/** How one site stands, its parts, and what is wrong with it. */
export interface SiteCondition {
  site: z.infer<typeof siteStatus>;
  parts: z.infer<typeof partStatus>[];
  findings: Finding[];
}

/** A service that runs writes its state every 2 s; this much older means that it hangs. */
const silentAfterMs = 10_000;

/** Looks at one site: what its service says of itself, checked against the processes that really run. Never throws for broken files. */
export async function siteCondition(sites: string, name: string, now: Date): Promise<SiteCondition> {
  const paths = sitePaths(sites, name);
  const [facts, plan] = await Promise.all([
    serviceFacts(paths),
    readServicePlan(paths.servicePlan).catch((error: unknown) => toAppError(error, randomUUID)),
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
      ...findingsOf(name, service, parts, facts.problem),
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
  const { state, version = '', measured, restarts, pid, host, port, error } = said;
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
    ...simulated,
  };
}

function planFinding(site: string, { wire }: AppError): Finding {
  const consequence = 'What runs goes on, but cannot be started again before it is deployed again.';
  return {
    id: 'site.plan-damaged',
    severity: 'red',
    title: `${site}: its deployment did not end, or its plan was damaged`,
    consequence,
    remedies: wire.remedies,
    howWeKnow: wire.message,
  };
}

function findingsOf(
  site: string,
  service: SiteCondition['site']['service'],
  parts: SiteCondition['parts'],
  problem: string | undefined,
): Finding[] {
  const start = command('Start it', `sealift start --site ${site}`);
  const log = (part: string) => command('Read its log', `sealift logs --site ${site} --part ${part}`);
  if (service === 'stopped')
    return [{ id: 'site.stopped', severity: 'amber', title: `${site} is stopped`, remedies: [start] }];
  if (service === 'not-running') {
    const title = `${site}: the service is not running`;
    const consequence = 'It was not stopped by Sealift: it was killed, or the machine was started anew.';
    return [
      {
        id: 'site.service-not-running',
        severity: 'red',
        title,
        consequence,
        remedies: [start],
        ...(problem && { howWeKnow: problem }),
      },
    ];
  }
  if (service === 'not-answering') {
    const remedies = [steps(`Stop and start it: sealift stop --site ${site}; sealift start --site ${site}`)];
    return [
      {
        id: 'site.service-not-answering',
        severity: 'red',
        title: `${site}: the service has said nothing for 10 s`,
        remedies,
      },
    ];
  }
  return parts.flatMap((part): Finding[] => {
    const { name, state, restarts, error } = part;
    const cause = error && { consequence: error };
    if (state === 'failed')
      return [
        {
          id: 'site.part-failed',
          severity: 'red',
          title: `${name} failed and was given up`,
          remedies: [log(name), start],
          ...cause,
        },
      ];
    if (state !== 'running')
      return [
        { id: 'site.part-not-ready', severity: 'amber', title: `${name} is ${state}`, remedies: [log(name)], ...cause },
      ];
    if (restarts > 0)
      return [
        {
          id: 'site.part-restarted',
          severity: 'amber',
          title: `${name} was started again ${restarts} times`,
          remedies: [log(name)],
          ...cause,
        },
      ];
    return [];
  });
}
