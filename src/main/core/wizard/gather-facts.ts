import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gitlabResult } from '../../../shared/contract/gitlab.ts';
import { hardware } from '../../../shared/contract/hardware.ts';
import { probeResult } from '../../../shared/contract/probe.ts';
import { writtenReport } from '../../../shared/contract/report.ts';
import { deployed as deployedSite } from '../../../shared/contract/site.ts';
import type { WizardState, WizardStepId } from '../../../shared/contract/wizard.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { isEnded, type JobSnapshot } from '../../../shared/jobs.ts';
import { isFolder } from '../files/path-exists.ts';
import { sha256Hex } from '../files/sha256.ts';
import type { HomePaths } from '../settings/paths.ts';
import { deployedSites } from '../sites/deployed-sites.ts';
import { lastDeployment } from '../sites/deployment-record.ts';
import { takeSiteFile } from '../sites/open-site.ts';
import { readEvidence } from '../sites/read-evidence.ts';
import { sitePaths } from '../sites/site-paths.ts';
import { readImports } from '../store/read-imports.ts';
import { judgeByNames, namedGgufs, type UnreadFiles } from '../weights/folder/judge-by-names.ts';
import { fieldProblems } from './field-problems.ts';
import { readAnswers } from './saved-answers.ts';
import type { WizardFacts } from './wizard-steps.ts';

const stepOfJob: Record<string, WizardStepId> = {
  'hardware.check': 'readiness',
  'imports.run': 'import',
  'bundle.verify': 'import',
  'site.deploy': 'deploy',
  'gitlab.apply': 'gitlab',
  'gitlab.check': 'gitlab',
  'gitlab.undo': 'gitlab',
  'probe.run': 'probe',
  'report.write': 'report',
};

/** Reads the facts that the steps are judged by. Broken evidence counts as none here: the step that uses it reports the error. */
export async function gatherFacts(paths: HomePaths, jobs: JobSnapshot[]): Promise<WizardFacts> {
  const answers = await readAnswers(paths.wizard);
  const siteFile = answers.siteFile ?? (await onlySiteFile(paths));
  const site = siteFile === undefined ? null : await lookAtSite(siteFile);
  const readiness = newestCheck(jobs);
  return {
    working: new Set(jobs.filter((job) => !isEnded(job)).flatMap((job) => stepOfJob[job.kind] ?? [])),
    ...(readiness && { readiness }),
    answers,
    site,
    store: await lookAtStore(paths.store),
    ...(site?.content && (await siteFacts(paths, site.content.name, site.path))),
  };
}

/** Returns the site file of the only deployed site, which the steps use when no other was chosen. */
async function onlySiteFile(paths: HomePaths): Promise<string | undefined> {
  const [only, second] = await deployedSites(paths.sites);
  return only === undefined || second !== undefined ? undefined : (await lastDeployment(only, paths.lock))?.siteFile;
}

function newestCheck(jobs: JobSnapshot[]): WizardFacts['readiness'] {
  const job = jobs.find((one) => one.kind === 'hardware.check' && one.state === 'succeeded');
  const result = hardware.check.output.safeParse(job?.result);
  if (!result.success) return undefined;
  const of = (severity: string) => result.data.findings.filter((one) => one.severity === severity);
  return { red: of('red').map((one) => one.id), amber: of('amber').length, green: of('green').length };
}

async function lookAtSite(path: string): Promise<WizardState['site']> {
  try {
    const { site, text } = await takeSiteFile(path);
    return { path, content: site, sha256: sha256Hex(text), problems: [] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const problems = fieldProblems(error.wire.details) ?? [{ field: 'the file', problem: error.message }];
    return { path, content: null, problems };
  }
}

async function lookAtStore(store: string): Promise<WizardState['store']> {
  const records = await readImports(store);
  const models = records.flatMap((record) =>
    record.models.map(({ name, path, files, served }) => ({
      name,
      folder: path,
      sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
      ...seenByName(path, { files: files.map((file) => ({ ...file, name: file.path })), served }),
      bundleName: record.bundle.name,
    })),
  );
  const images = records.flatMap((record) =>
    record.images
      .filter(({ removedAt }) => removedAt === undefined)
      .map(({ reference, digest }) => ({ reference, digest })),
  );
  const newest = await Promise.all(
    firstOf(models, 'name').map(async ({ folder, ...model }) => ((await isFolder(folder)) ? [model] : [])),
  );
  return { models: newest.flat(), images: firstOf(images, 'reference') };
}

/* The state is read every second, so no file is opened: deploying judges the folder itself. */
function seenByName(
  path: string,
  unread: UnreadFiles,
): Pick<WizardFacts['store']['models'][number], 'ggufs' | 'served' | 'problem'> {
  const refused = judgeByNames(path, unread).find(
    ({ severity, error }) => severity === 'refuse' && error.code !== 'model.served-unclear',
  );
  return {
    ggufs: namedGgufs(unread),
    ...(unread.served !== undefined && { served: unread.served }),
    ...(refused && { problem: refused.error.message }),
  };
}

function firstOf<T, K extends keyof T>(list: T[], key: K): T[] {
  return [...new Map([...list].reverse().map((one) => [one[key], one])).values()].reverse();
}

async function siteFacts(paths: HomePaths, name: string, siteFile: string): Promise<Partial<WizardFacts>> {
  const site = sitePaths(paths.sites, name);
  const optional = <T>(reading: Promise<T | null>) => reading.catch(() => null);
  const [deployed, gitlab, probe, report] = await Promise.all([
    optional(readEvidence(join(site.evidence, 'deploy.json'), deployedSite)),
    optional(readEvidence(join(site.evidence, 'gitlab.json'), gitlabResult)),
    optional(readEvidence(join(site.evidence, 'probe.json'), probeResult)),
    optional(readEvidence(join(site.evidence, 'report.json'), writtenReport)),
  ]);
  return {
    ...(deployed && { deployed: { at: deployed.deployedAt, isSameFile: await isSame(siteFile, site.siteFile) } }),
    ...(gitlab && { gitlab }),
    ...(probe && { probe }),
    ...(report && { report }),
  };
}

async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => readFile(path, 'utf8').catch(() => undefined)));
  return a !== undefined && a === b;
}
