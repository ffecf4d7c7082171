import type { Readiness } from '../../../shared/readiness.ts';
import { loadHardwareCatalog } from '../catalog/load-catalog.ts';
import type { CorePorts } from '../ports.ts';
import { collectMachine } from './collect-machine.ts';
import { gitlabFindings } from './findings/gitlab-findings.ts';
import { bySeverity, machineFindings } from './findings/machine-findings.ts';
import { type GitlabAsk, lookAtGitlab } from './gitlab-host.ts';
import { measureDisk } from './measure-disk.ts';

const gitlabTimeoutMs = 10_000;

/** What is looked at only when it was asked for. */
export interface CheckExtras {
  /** A file or folder on the disk to be measured. */
  measurePath?: string | undefined;
  gitlab?: GitlabAsk | undefined;
  signal: AbortSignal;
}

/** Looks at this machine and judges it by the catalogue. Raises `catalog.damaged`, and what the extras raise. */
export async function checkMachine(ports: CorePorts, storePath: string, extras?: CheckExtras): Promise<Readiness> {
  const catalog = await loadHardwareCatalog(ports.resources);
  const [found, gitlab] = await Promise.all([
    collectMachine(storePath),
    extras?.gitlab && lookAtGitlab(extras.gitlab, gitlabTimeoutMs),
  ]);
  // After the others, which read and write too.
  const diskSpeed = extras?.measurePath === undefined ? null : await measureDisk(extras.measurePath, extras.signal);
  const machine = { ...found, diskSpeed };
  return {
    kind: 'sealift.readiness',
    version: 1,
    createdAt: ports.now().toISOString(),
    toolVersion: ports.version,
    machine,
    findings: bySeverity([...machineFindings(machine, catalog), ...gitlabFindings(gitlab, ports.now())]),
    ...(gitlab && { gitlab }),
  };
}
