import type { rehearse } from '../../../shared/contract/rehearse.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { Work } from '../jobs/work.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { keepOwner, siteMark } from '../site/engine-owner.ts';
import { clearRehearsal } from './clear-rehearsal.ts';
import type { CoreMaker } from './inner-core.ts';
import { packSide } from './pack-side.ts';
import { chooseRehearsalEngine, engineMarks } from './rehearsal-engine.ts';
import { claimFolder, markKept, refuseKept, rehearsalFolder } from './rehearsal-folder.ts';
import type { BareStage, RehearsalStage } from './rehearsal-stage.ts';
import { siteSide } from './site-side.ts';

type Result = OutputOf<(typeof rehearse)['run']>;

/**
 * The whole job with the product's own code in one folder: check, choose, pack, carry, verify, import, deploy, apply, probe, report.
 * Only GitLab and the AI Gateway are stand-ins; with Docker the gateway travels as an image and runs as a container. Whatever happens,
 * what runs is stopped again and all but the report removed, unless `keep`. Leftovers of a rehearsal that was killed are cleared first;
 * one that was kept only with `replace` (`rehearse.kept`).
 */
export async function runRehearsal(
  input: { root: string; keep: boolean; replace: boolean; docker: boolean },
  ports: CorePorts,
  makeCore: CoreMaker,
  work: Work,
): Promise<Result> {
  const startedAt = performance.now();
  const folder = rehearsalFolder(input.root);
  const { sites } = homePaths(ports.home);
  const mark = await siteMark(sites, 'rehearsal');
  const bare: BareStage = { folder, marks: engineMarks(folder.root, mark.owner), ports, makeCore, work };
  work.step('prepare', 'Prepare the rehearsal');
  if (!input.replace) await refuseKept(folder);
  await claimFolder(folder);
  await clearRehearsal(bare);
  if (input.docker) await keepOwner(sites, mark);
  const docker = await chooseRehearsalEngine(input.docker, folder, bare.marks, ports.node);
  if (!docker.isUsed) work.log(`Without Docker: ${docker.reason}.`);
  const stage: RehearsalStage = { ...bare, docker };
  let isDone = false;
  try {
    const bundle = await packSide(stage);
    const result = await siteSide(stage, bundle);
    isDone = true;
    if (input.keep) await markKept(folder);
    const kept = input.keep ? { keptHome: folder.home } : {};
    return { ...result, bundle, dir: folder.root, ...kept, durationMs: performance.now() - startedAt };
  } finally {
    if (!(input.keep && isDone)) await cleanUp(stage);
  }
}

/** Cleaning up must also happen after a cancel, so it runs on a signal of its own. */
async function cleanUp(stage: RehearsalStage): Promise<void> {
  stage.work.step('clean-up', 'Stop what was started and remove all but the report');
  await clearRehearsal({ ...stage, work: { ...stage.work, signal: new AbortController().signal } });
}
