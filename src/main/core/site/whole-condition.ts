import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { siteStatus } from '../../../shared/contract/site.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { command } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { engineAddress } from '../engine/connect-engine.ts';
import type { CorePorts } from '../ports.ts';
import { afterReboot } from '../service/unit-place.ts';
import { homePaths } from '../settings/paths.ts';
import { type ContainerCondition, containerCondition } from './containers/container-status.ts';
import { deploymentFindings, fileFindings } from './deployment-findings.ts';
import { deployCommand, lastDeployment } from './deployment-record.ts';
import { servingNow } from './model-serving.ts';
import { type SitePaths, sitePaths } from './site-paths.ts';
import { type SiteCondition, siteCondition } from './site-status.ts';

const engineMs = 20_000;

/** How a site stands with all that belongs to it. */
export type WholeCondition = SiteCondition & { site: z.infer<typeof siteStatus> };

/** What an unfinished deployment explains. */
const explained = ['site.stopped', 'site.service-not-running', 'site.plan-damaged'];

/**
 * How a site stands: its service, its containers, its last deployment, and whether `siteFile` (else the file that was deployed) says
 * the same as what is deployed. Never throws for what the files of the site hold.
 */
export async function wholeCondition(ports: CorePorts, name: string, siteFile?: string): Promise<WholeCondition> {
  const home = homePaths(ports.home);
  const last = await lastDeployment(home, name);
  const deploy = last && deployCommand(last.siteFile);
  const [service, containers] = await Promise.all([
    siteCondition(home.sites, name, ports.now(), deploy),
    containersInTime(ports, name),
  ]);
  const simulated = service.site.simulated || containers.parts.some((one) => one.simulated);
  const unfinished = deploymentFindings(name, last);
  const file = siteFile ?? last?.siteFile;
  const found = [...service.findings, ...containers.findings];
  return {
    site: {
      ...service.site,
      simulated,
      ...(last && { siteFile: last.siteFile }),
      afterReboot: await afterReboot(name, sitePaths(home.sites, name).folder),
    },
    parts: await withServing(sitePaths(home.sites, name), [...service.parts, ...containers.parts]),
    findings: [
      ...unfinished,
      ...(unfinished.length > 0 && deploy ? found.flatMap(goingOn(deploy)) : found),
      ...(file && last?.state !== 'interrupted' ? await fileFindings(home, name, file) : []),
    ],
  };
}

/** The model server's part with what was estimated of it beside what it says. */
async function withServing(paths: SitePaths, parts: SiteCondition['parts']): Promise<SiteCondition['parts']> {
  const at = parts.findIndex((one) => one.name === 'model');
  const part = parts[at];
  const serving = part && (await servingNow(paths, part.kind === 'llamacpp' ? part.measured : undefined));
  return part && serving ? parts.with(at, { ...part, serving }) : parts;
}

/** An engine that stops answering in the middle must not hold up what is known of the service. */
async function containersInTime(ports: CorePorts, name: string): Promise<ContainerCondition> {
  const over = new AbortController();
  const late = sleep(engineMs, undefined, { signal: over.signal }).then(
    () => {
      const { code, message, remedies } = appError('engine.silent', {
        address: engineAddress(undefined),
        timeoutMs: engineMs,
      }).wire;
      return {
        parts: [],
        findings: [{ id: code, severity: 'red' as const, title: `${name}: ${message}`, remedies }],
      };
    },
    () => ({ parts: [], findings: [] }),
  );
  try {
    return await Promise.race([containerCondition(ports, name), late]);
  } finally {
    over.abort();
  }
}

/** Findings of a site that is not whole: only its deployment makes it so, `start` would not. */
function goingOn(deploy: string): (finding: Finding) => Finding[] {
  return (finding) => {
    if (explained.includes(finding.id)) return [];
    const remedies = finding.remedies.map((one) =>
      one.kind === 'call' && one.command.startsWith('sealift start')
        ? command('Go on with the deployment', deploy)
        : one,
    );
    return [{ ...finding, remedies }];
  };
}
