import type { z } from 'zod';
import type { partStatus, siteStatus } from '../../../shared/contract/site.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { command, type Remedy, steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { silentMs } from './service/silent-part.ts';

type Part = z.infer<typeof partStatus>;

const gravelySilentMs = 60_000;

/** What is wrong with the service of a site, or else with its parts. `problem` says why the service's state cannot be read. */
export function conditionFindings(
  site: string,
  seen: { service: z.infer<typeof siteStatus>['service']; parts: Part[]; problem: string | undefined; now: Date },
): Finding[] {
  const start = command('Start it', `sealift start --site ${site}`);
  switch (seen.service) {
    case 'running':
      return seen.parts.flatMap((part) => partFindings(part, seen.now));
    case 'stopped':
      return [one('site.stopped', 'amber', `${site} is stopped`, [start])];
    case 'not-running':
      return [
        {
          ...one('site.service-not-running', 'red', `${site}: the service is not running`, [start]),
          consequence: 'It was not stopped by Sealift: it was killed, or the machine was started anew.',
          ...(seen.problem && { howWeKnow: seen.problem }),
        },
      ];
    case 'not-answering': {
      const again = steps(`Stop and start it: sealift stop --site ${site}; sealift start --site ${site}`);
      return [
        {
          ...one('site.service-not-answering', 'red', `${site}: the service has said nothing for 10 s`, [again]),
          ...(seen.problem && { howWeKnow: seen.problem }),
        },
      ];
    }
  }
}

/** That the plan of a site's service cannot be used. */
export function planFinding(site: string, { wire }: AppError): Finding {
  return {
    ...one('site.plan-damaged', 'red', `${site}: the plan of its service cannot be used`, wire.remedies),
    consequence: 'What runs goes on, but cannot be started again before it is deployed again.',
    howWeKnow: wire.message,
  };
}

function partFindings(part: Part, now: Date): Finding[] {
  const { site, name, state, restarts, error } = part;
  const cause = error && { consequence: error };
  const log = command('Read its log', `sealift logs --site ${site} --part ${name}`);
  const start = `sealift start --site ${site}`;
  if (state === 'failed')
    return [
      {
        ...one('site.part-failed', 'red', `${name} failed and was given up`, [
          log,
          command('When the cause is gone, start it again', start),
        ]),
        ...cause,
      },
    ];
  if (state !== 'running') return [{ ...one('site.part-not-ready', 'amber', `${name} is ${state}`, [log]), ...cause }];
  const silent = silentMs(part, now);
  if (silent > 0) return [silentFinding(part, silent, [log, command('Start it again', start)])];
  if (restarts > 0)
    return [
      {
        ...one(
          'site.part-restarted',
          'amber',
          `${name} was started again ${restarts === 1 ? 'once' : `${restarts} times`}`,
          [log],
        ),
        ...cause,
      },
    ];
  return [];
}

function silentFinding({ name, pid }: Part, silent: number, remedies: Remedy[]): Finding {
  return {
    ...one(
      'site.part-silent',
      silent < gravelySilentMs ? 'amber' : 'red',
      `${name} runs, but has not answered for ${Math.round(silent / 1000)} s`,
      remedies,
    ),
    consequence: 'It hangs, or the machine is too busy: requests to it wait or fail.',
    ...(pid !== undefined && {
      howWeKnow: `its process ${pid} is there, and leaves the service's questions unanswered`,
    }),
  };
}

function one(id: string, severity: Finding['severity'], title: string, remedies: Remedy[]): Finding {
  return { id, severity, title, remedies };
}
