import type { z } from 'zod';
import type { partStatus, siteStatus } from '../../../../shared/contract/site.ts';
import type { AppError } from '../../../../shared/errors/app-error.ts';
import { command, type Remedy, steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { type Hangs, partWords } from '../../../../shared/part-health.ts';
import { silentMs } from '../../serving/parts/silent-part.ts';
import { hangFindings, timesText } from './hang-findings.ts';

type Part = z.infer<typeof partStatus>;

const gravelySilentMs = 60_000;

/** Reports problems of a site's service, or else of its parts. `problem` says why the service's state cannot be read. */
export function serviceFindings(
  site: string,
  seen: {
    service: z.infer<typeof siteStatus>['service'];
    parts: Part[];
    modelHangs: Hangs | undefined;
    modelHangsOf?: Readonly<Record<string, Hangs>> | undefined;
    problem: string | undefined;
    now: Date;
  },
): Finding[] {
  const start = command('Start it', `sealift start --site ${site}`);
  switch (seen.service) {
    case 'running':
      return [...seen.parts.flatMap((part) => partFindings(part, seen.now)), ...hangFindings(site, seen)];
    case 'stopped':
      return [one('site.stopped', 'amber', `Site ${site}: stopped`, [start])];
    case 'not-running':
      return [
        {
          ...one('site.service-not-running', 'red', `${site}: the service is not running`, [start]),
          consequence: 'Sealift did not stop it: it was killed, or the machine was restarted.',
          ...(seen.problem && { howWeKnow: seen.problem }),
        },
      ];
    case 'not-answering': {
      const again = steps(`Stop and start it: sealift stop --site ${site}; sealift start --site ${site}`);
      return [
        {
          ...one('site.service-not-answering', 'red', `${site}: the service has not reported for 10 s`, [again]),
          ...(seen.problem && { howWeKnow: seen.problem }),
        },
      ];
    }
  }
}

/** Reports that the plan of a site's service cannot be used. */
export function planFinding(site: string, { wire }: AppError): Finding {
  return {
    ...one('site.plan-damaged', 'red', `${site}: its service plan cannot be used`, wire.remedies),
    consequence: 'What is running continues, but it cannot be restarted until you deploy again.',
    howWeKnow: wire.message,
  };
}

function partFindings(part: Part, now: Date): Finding[] {
  const { site, name, state, restarts, hangs, error } = part;
  const cause = error && { consequence: error };
  const log = command('Read its log', `sealift logs --site ${site} --part ${name}`);
  const start = `sealift start --site ${site}`;
  if (state === 'failed')
    return [
      {
        ...one('site.part-failed', 'red', `${name} has failed`, [
          log,
          command('After fixing the cause, start it again', start),
        ]),
        ...cause,
      },
    ];
  if (state !== 'running')
    return [{ ...one('site.part-not-ready', 'amber', `${name} is ${partWords[state].word}`, [log]), ...cause }];
  const silent = silentMs(part, now);
  if (silent > 0) return [silentFinding(part, silent, [log, command('Start it again', start)])];
  const onCpu = part.measured.device === 'cpu' ? part.measured.notUsed : undefined;
  // Hangs have a finding of their own.
  const died = restarts - (hangs?.times ?? 0);
  if (died > 0)
    return [
      {
        ...one('site.part-restarted', 'amber', `${name} was restarted ${timesText(died)}`, [log]),
        ...cause,
      },
    ];
  return typeof onCpu === 'string' ? [onCpuFinding(part, onCpu)] : [];
}

function onCpuFinding({ name }: Part, notUsed: string): Finding {
  return {
    ...one('site.model-on-cpu', 'amber', `${name} runs on the CPU: no imported llama.cpp for a GPU can be used`, [
      steps(
        'Install what the reasons name: the driver of the GPU, libvulkan.so.1, or the CUDA runtime. Then stop and start the site.',
        'Or keep it on the CPU without trying: set gpu: none at the model in the site file, then deploy it.',
      ),
    ]),
    consequence: 'It answers more slowly than on a GPU.',
    howWeKnow: notUsed,
  };
}

function silentFinding({ name, pid }: Part, silent: number, remedies: Remedy[]): Finding {
  return {
    ...one(
      'site.part-silent',
      silent < gravelySilentMs ? 'amber' : 'red',
      `${name} is running but has not answered for ${Math.round(silent / 1000)} s`,
      remedies,
    ),
    consequence: 'It hangs, or the machine is overloaded: requests to it wait or fail.',
    ...(pid !== undefined && {
      howWeKnow: `its process ${pid} exists but does not answer the service`,
    }),
  };
}

function one(id: string, severity: Finding['severity'], title: string, remedies: Remedy[]): Finding {
  return { id, severity, title, remedies };
}
