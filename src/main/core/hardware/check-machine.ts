import type { Readiness } from '../../../shared/readiness.ts';
import type { CorePorts } from '../ports.ts';
import { collectMachine } from './collect-machine.ts';
import { gitlabFindings } from './findings/gitlab-findings.ts';
import { bySeverity, machineFindings } from './findings/machine-findings.ts';
import { type GitlabAsk, lookAtGitlab } from './gitlab-host.ts';
import { loadHardwareCatalog } from './load-hardware-catalog.ts';
import { measureDisk } from './measure-disk.ts';

const gitlabTimeoutMs = 10_000;

/** Checks that run only on request. */
export interface CheckExtras {
  /** A file or folder on the disk to be measured. */
  measurePath?: string | undefined;
  gitlab?: GitlabAsk | undefined;
  signal: AbortSignal;
}

/** Examines this machine and judges it by the catalogue. Throws `catalog.damaged`, and what the extras throw. */
export async function checkMachine(ports: CorePorts, storePath: string, extras?: CheckExtras): Promise<Readiness> {
  const catalog = await loadHardwareCatalog(ports.resources);
  const [found, gitlab] = await Promise.all([
    collectMachine(storePath, catalog),
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
