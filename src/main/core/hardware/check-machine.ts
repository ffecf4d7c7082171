import type { Readiness } from '../../../shared/readiness.ts';
import type { CorePorts } from '../ports.ts';
import { storedPackages } from '../store/carried-packages.ts';
import { collectMachine } from './collect-machine.ts';
import { gitlabFindings } from './findings/gitlab-findings.ts';
import { bySeverity, machineFindings } from './findings/machine-findings.ts';
import { type GitlabAsk, lookAtGitlab } from './gitlab-host.ts';
import { loadHardwareCatalog } from './load-hardware-catalog.ts';
import { measureDisk } from './measure-disk.ts';
import { withStoredPackages } from './missing-packages.ts';

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
  const [found, gitlab, packages] = await Promise.all([
    collectMachine(storePath, catalog, ports.hasWindow),
    extras?.gitlab && lookAtGitlab(extras.gitlab, gitlabTimeoutMs),
    // What keeps the store from being read is a finding about its disk.
    storedPackages(storePath).catch(() => []),
  ]);
  // After the others, which read and write too.
  const diskSpeed = extras?.measurePath === undefined ? null : await measureDisk(extras.measurePath, extras.signal);
  const machine = { ...found, diskSpeed };
  const ofMachine = withStoredPackages(machineFindings(machine, catalog), machine, packages);
  return {
    kind: 'sealift.readiness',
    version: 1,
    createdAt: ports.now().toISOString(),
    toolVersion: ports.version,
    machine,
    findings: bySeverity([...ofMachine, ...gitlabFindings(gitlab, ports.now())]),
    ...(gitlab && { gitlab }),
  };
}
