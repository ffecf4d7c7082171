import type { z } from 'zod';
import type { partStatus } from '../../../../shared/contract/site.ts';
import { shortHex } from '../../../../shared/digest.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { command, steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { parseImageReference } from '../../../../shared/image-reference.ts';
import { containerState, keyChanged } from '../../engine/container-state.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import { memoryBytes, type SiteContainer, siteContainers } from '../../engine/site-containers.ts';
import type { CorePorts } from '../../ports.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { fillSecrets } from '../containers/fill-secrets.ts';
import { isHealthy } from '../containers/is-healthy.ts';
import { networkFindings } from '../containers/network-findings.ts';
import type { ContainerPlan } from '../containers/plan-containers.ts';
import { deployedContainerPlan } from '../containers/site-plan.ts';

type PartStatus = z.infer<typeof partStatus>;
/** The state of a site's containers and their problems. */
export interface ContainerStatus {
  parts: PartStatus[];
  findings: Finding[];
}

/** Inspects the containers of a deployed site. What prevents that (no engine, a missing image) becomes a red finding. */
export async function readContainerStatus(
  ports: Pick<CorePorts, 'paths' | 'resources'>,
  paths: SitePaths,
): Promise<ContainerStatus> {
  try {
    const plan = await deployedContainerPlan(ports, paths);
    return plan ? await look(plan, paths) : { parts: [], findings: [] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, remedies } = error.wire;
    return { parts: [], findings: [{ id: code, severity: 'red', title: `${paths.name}: ${message}`, remedies }] };
  }
}

async function look(plan: ContainerPlan, paths: SitePaths): Promise<ContainerStatus> {
  const found = await siteContainers(plan.engine, plan.mark);
  const wanted = [...plan.models, ...(plan.gateway ? [plan.gateway] : [])];
  const looked = await Promise.all(
    wanted.map((planned) =>
      lookAtOne(
        plan,
        planned,
        paths,
        found.find((one) => one.part === planned.spec.part),
      ),
    ),
  );
  const surroundings = await networkFindings(plan, paths.name);
  return {
    parts: looked.map((one) => one.part),
    findings: [...surroundings, ...looked.flatMap((one) => one.findings)],
  };
}

async function lookAtOne(
  plan: ContainerPlan,
  planned: PlannedContainer,
  paths: SitePaths,
  found: SiteContainer | undefined,
): Promise<{ part: PartStatus; findings: Finding[] }> {
  const { spec, reference } = planned;
  const usedBytes = found?.status === 'running' ? await memoryBytes(plan.engine, found.id) : undefined;
  const isWell =
    found?.status === 'running' && (await isHealthy(planned.health, AbortSignal.timeout(5000)).catch(() => false));
  const changes = await containerChanges(plan, planned, paths);
  const part: PartStatus = {
    site: spec.site,
    name: spec.part,
    kind: 'container',
    state: stateOf(found, isWell),
    version: versionIn(reference),
    measured: {
      image: reference,
      ...(usedBytes !== undefined && { memoryBytes: usedBytes }),
      ...(found && found.limitBytes > 0 && { memoryLimitBytes: found.limitBytes }),
    },
    restarts: found?.restarts ?? 0,
    ...(found?.host && { host: found.host }),
    ...(found?.port && { port: found.port }),
    ...((found?.simulated ?? spec.simulated) && { simulated: true as const }),
  };
  return { part, findings: findingsOf(part, found, changes) };
}

/** Returns how a container differs from the deployed one. Whether a key changed is unknown to a person who can't read it. */
export async function containerChanges(
  { engine, mark }: Pick<ContainerPlan, 'engine' | 'mark'>,
  planned: PlannedContainer,
  paths: SitePaths,
): Promise<string[]> {
  const hasOwnKeys = Object.values(planned.secrets).some((source) => typeof source !== 'string');
  let isUnread = false;
  const filled = await fillSecrets(planned, paths).catch((error) => {
    if (!hasOwnKeys) throw error;
    isUnread = true;
    return undefined;
  });
  const state = await containerState(engine, filled ?? planned.spec, mark.owner);
  if (state.kind !== 'changed') return [];
  return isUnread ? state.why.filter((one) => one !== keyChanged) : state.why;
}

/** The tag, or the start of the digest where a site names an image by that alone. */
function versionIn(reference: string): string {
  const { tag, digest } = parseImageReference(reference) ?? {};
  return tag ?? (digest ? shortHex(digest) : reference);
}

function stateOf(found: SiteContainer | undefined, isWell: boolean): PartStatus['state'] {
  if (found?.status === 'restarting') return 'restarting';
  if (found?.status !== 'running')
    return found && (found.outOfMemory || found.exitCode !== 0) && !wasStopped(found) ? 'failed' : 'stopped';
  return isWell ? 'running' : 'starting';
}

// `docker stop` leaves 137 or 143 as the exit code of a process that ignores its signal.
function wasStopped({ outOfMemory, exitCode }: SiteContainer): boolean {
  return !outOfMemory && [137, 143].includes(exitCode);
}

function findingsOf(part: PartStatus, found: SiteContainer | undefined, changes: string[]): Finding[] {
  const { site, name } = part;
  const log = command('Read its log', `sealift logs --site ${site} --part ${name}`);
  const again = steps('Deploy again (sealift deploy SITE.yaml). Parts that are correct stay as they are.');
  const one = (id: string, severity: Finding['severity'], title: string, remedies: Finding['remedies']): Finding => {
    return { id, severity, title: `${site}: ${title}`, remedies };
  };
  if (!found) return [one('site.container-gone', 'red', `the container of ${name} is missing`, [again])];
  const changed =
    changes.length > 0
      ? [one('site.container-changed', 'amber', `the container of ${name} was changed: ${changes.join('; ')}`, [again])]
      : [];
  if (found.outOfMemory)
    return [
      ...changed,
      one('engine.out-of-memory', 'red', `${name} ran out of memory and was killed (limit ${found.limitBytes} bytes)`, [
        steps('Raise memoryGiB of this part in site.yaml or choose a smaller model or context, then deploy again.'),
        log,
      ]),
    ];
  if (part.state === 'failed')
    return [...changed, one('site.part-failed', 'red', `${name} exited with code ${found.exitCode}`, [log, again])];
  if (part.state === 'stopped')
    return [
      ...changed,
      one('site.part-not-ready', 'amber', `${name} is stopped`, [command('Start it', `sealift start --site ${site}`)]),
    ];
  if (part.state !== 'running') {
    const title = part.state === 'restarting' ? `${name} keeps exiting` : `${name} is running but not healthy`;
    return [...changed, one('site.part-not-ready', part.state === 'restarting' ? 'red' : 'amber', title, [log])];
  }
  return changed;
}
