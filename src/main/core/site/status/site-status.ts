import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { siteStatus } from '../../../../shared/contract/site.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { command } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { engineAddress } from '../../engine/connect-engine.ts';
import type { CorePorts } from '../../ports.ts';
import { lastDeployment } from '../../sites/deployment-record.ts';
import { outsideFindings } from '../../sites/outside-findings.ts';
import { readSiteFile } from '../../sites/read-site-file.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { afterReboot } from '../unit/unit-place.ts';
import { type ContainerStatus, readContainerStatus } from './container-status.ts';
import { deploymentFindings, fileFindings } from './deployment-findings.ts';
import { recordedServing, servingNow } from './model-serving.ts';
import { otherVersion } from './other-version.ts';
import { readServiceStatus, type ServiceStatus } from './service-status.ts';
import { siteEvidence } from './site-evidence.ts';
import { trustFindings } from './trust-findings.ts';

const engineMs = 20_000;

/** The state of a site with everything that belongs to it. */
export type SiteStatus = ServiceStatus & { site: z.infer<typeof siteStatus> };

/** Findings that an unfinished deployment explains. */
const explained = ['site.stopped', 'site.service-not-running', 'site.plan-damaged'];

/**
 * Reads the state of a site: its service, its containers, its last deployment, and whether `siteFile` (default: the deployed
 * file) matches what is deployed. Never throws because of the site's files.
 */
export async function readSiteStatus(ports: CorePorts, paths: SitePaths, siteFile?: string): Promise<SiteStatus> {
  const { name } = paths;
  const last = await lastDeployment(paths, ports.paths.lock);
  const deploy = last?.resume;
  const [service, containers] = await Promise.all([
    readServiceStatus(paths, ports.now(), deploy),
    containersInTime(ports, paths),
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
      ...(await siteEvidence(paths)),
      afterReboot: await afterReboot(name, paths.folder),
    },
    parts: await withServing(paths, [...service.parts, ...containers.parts]),
    findings: [
      ...unfinished,
      ...(unfinished.length > 0 && deploy ? found.flatMap(withDeploy(deploy)) : found),
      ...(await otherVersion(name, service.site.pid, ports.node)),
      ...(await outsideNow(paths)),
      ...(await trustFindings(ports.paths, paths, ports.now())),
      ...(file && last?.state !== 'interrupted' ? await fileFindings(paths, file) : []),
    ],
  };
}

/** What leaves the network as deployed. What is wrong with a site file is for other findings to say. */
function outsideNow({ siteFile }: SitePaths): Promise<Finding[]> {
  return readSiteFile(siteFile).then(
    ({ site }) => outsideFindings(site),
    () => [],
  );
}

/** Adds the estimated memory to the parts of model servers, next to their own figures. */
async function withServing(paths: SitePaths, parts: ServiceStatus['parts']): Promise<ServiceStatus['parts']> {
  const recorded = await recordedServing(paths);
  return parts.map((part) => {
    const serving = recorded.get(part.name);
    if (!serving) return part;
    return { ...part, serving: servingNow(serving, part.kind === 'llamacpp' ? part.measured : undefined) };
  });
}

/** Limits the time for the engine, so that one that stops answering does not delay the rest. */
async function containersInTime(ports: CorePorts, paths: SitePaths): Promise<ContainerStatus> {
  const over = new AbortController();
  const late = sleep(engineMs, undefined, { signal: over.signal }).then(
    () => {
      const { code, message, remedies } = appError('engine.silent', {
        address: engineAddress(undefined),
        timeoutMs: engineMs,
      }).wire;
      return {
        parts: [],
        findings: [{ id: code, severity: 'red' as const, title: `${paths.name}: ${message}`, remedies }],
      };
    },
    () => ({ parts: [], findings: [] }),
  );
  try {
    return await Promise.race([readContainerStatus(ports, paths), late]);
  } finally {
    over.abort();
  }
}

/** Adapts the findings of an incomplete site: only deploying completes it, `start` does not. */
function withDeploy(deploy: string): (finding: Finding) => Finding[] {
  return (finding) => {
    if (explained.includes(finding.id)) return [];
    const remedies = finding.remedies.map((one) =>
      one.kind === 'call' && one.command.startsWith('sealift start') ? command('Resume the deployment', deploy) : one,
    );
    return [{ ...finding, remedies }];
  };
}
