import type { rehearse } from '../../../shared/contract/rehearse.ts';
import type { OutputOf, ParsedInputOf } from '../../../shared/rpc/contract.ts';
import type { CorePorts } from '../ports.ts';
import { keepOwner, siteMark } from '../sites/engine-owner.ts';
import { sitePaths } from '../sites/site-paths.ts';
import type { Work } from '../work.ts';
import { clearRehearsal } from './clear-rehearsal.ts';
import type { CoreMaker } from './inner-core.ts';
import { packSide } from './pack-side.ts';
import { chooseRehearsalEngine, engineMarks } from './rehearsal-engine.ts';
import {
  markKept,
  markUsed,
  type RehearsalFolder,
  refuseKept,
  rehearsalFolder,
  withFolder,
} from './rehearsal-folder.ts';
import type { BareStage, RehearsalStage } from './rehearsal-stage.ts';
import { siteSide } from './site-side.ts';

type Result = OutputOf<(typeof rehearse)['run']>;
type Input = Omit<ParsedInputOf<(typeof rehearse)['run']>, 'dir'> & { root: string };

/**
 * Does the whole job with the product's own code in one folder: check, choose, pack, carry, verify, import, deploy, apply, probe,
 * report. Only GitLab and the AI Gateway are stand-ins; with Docker the gateway travels as an image and runs as a container. In
 * the end everything is stopped and all but the report removed, unless `keep`. Leftovers of a killed rehearsal are cleared first;
 * a kept one only with `replace` (`rehearse.kept`); never one that runs (`rehearse.running`).
 */
export function runRehearsal(input: Input, ports: CorePorts, makeCore: CoreMaker, work: Work): Promise<Result> {
  const startedAt = performance.now();
  const folder = rehearsalFolder(input.root);
  work.step('prepare', 'Prepare the rehearsal');
  return withFolder(folder, ports.now(), async () => {
    const done = await rehearseIn(folder, input, { ports, makeCore, work });
    return { ...done, durationMs: performance.now() - startedAt };
  });
}

async function rehearseIn(
  folder: RehearsalFolder,
  input: Input,
  { ports, makeCore, work }: Pick<BareStage, 'ports' | 'makeCore' | 'work'>,
): Promise<Omit<Result, 'durationMs'>> {
  const paths = sitePaths(ports.paths.sites, 'rehearsal');
  const mark = await siteMark(paths);
  const bare: BareStage = { folder, marks: engineMarks(folder.root, mark.owner), ports, makeCore, work };
  if (!input.replace) await refuseKept(folder);
  await markUsed(folder);
  await clearRehearsal(bare);
  if (input.docker) await keepOwner(paths, mark);
  const docker = await chooseRehearsalEngine(input.docker, folder, bare.marks, ports.node);
  if (!docker.isUsed) work.log(`Without Docker: ${docker.reason}.`);
  const stage: RehearsalStage = { ...bare, docker };
  let isDone = false;
  try {
    const { words, ...bundle } = await packSide(stage);
    const result = await siteSide(stage, bundle);
    isDone = true;
    if (input.keep) await markKept(folder);
    const kept = input.keep ? { kept: { home: folder.home, siteFile: folder.siteFile, words } } : {};
    return { ...result, bundle, dir: folder.root, ...kept };
  } finally {
    if (!(input.keep && isDone)) await cleanUp(stage);
  }
}

/** Cleans up on a signal of its own, because that must happen after a cancel too. */
async function cleanUp(stage: RehearsalStage): Promise<void> {
  stage.work.step('clean-up', 'Stop everything and remove all but the report');
  await clearRehearsal({ ...stage, work: { ...stage.work, signal: new AbortController().signal } });
}
