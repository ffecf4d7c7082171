import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProbeResult } from '../../../shared/contract/probe.ts';
import type { upgrade } from '../../../shared/contract/upgrade.ts';
import { type AppError, appError } from '../../../shared/errors/app-error.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { OutputOf, ParsedInputOf } from '../../../shared/rpc/contract.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { CorePorts } from '../ports.ts';
import { probeSite } from '../probe/probe-site.ts';
import { deploySite, showPlan, trySite } from '../site/deploy/deploy-site.ts';
import type { Tried } from '../site/deploy/try-beside.ts';
import { liveState, serviceFacts } from '../site/service/service-facts.ts';
import { lastDeployment } from '../sites/deployment-record.ts';
import { readSiteFile } from '../sites/read-site-file.ts';
import { type SitePaths, upgradeFiles } from '../sites/site-paths.ts';
import {
  dropUpgrade,
  keepPrevious,
  readUpgrade,
  reopenPrevious,
  type UpgradeRecord,
  writeState,
  writeUpgrade,
} from '../sites/upgrade-record.ts';
import type { Work } from '../work.ts';
import { pinnedText } from './pinned-text.ts';
import { type FileState, fileFinding, probeFindings, returnedFinding } from './upgrade-findings.ts';
import { type UpgradeTarget, upgradeTarget } from './upgrade-target.ts';

type Request = ParsedInputOf<typeof upgrade.run>;
type Outcome = OutputOf<typeof upgrade.run>;
type Token = Pick<Request, 'token' | 'tokenFile'>;

/** What all steps of one upgrade work with. */
interface Upgrading {
  ports: CorePorts;
  paths: SitePaths;
  token: Token;
  work: Work;
}

/**
 * Upgrades a deployed site, or resumes its unfinished upgrade. Whatever happens, the old or the new state is deployed, or the record of the
 * upgrade says that it is not finished. Cancelled work leaves it unfinished.
 */
export async function upgradeSite(
  ports: CorePorts,
  paths: SitePaths,
  { siteFile, gitlab, token, tokenFile }: Request,
  work: Work,
): Promise<Outcome> {
  const one: Upgrading = { ports, paths, token: { token, tokenFile }, work };
  const isNew = siteFile !== undefined || gitlab !== undefined;
  let unfinished = await readUpgrade(paths);
  let closed: Outcome | undefined;
  if (unfinished?.phase === 'done') {
    // Whoever started it never heard what its probe found. What was imported or edited since is another upgrade.
    closed = await finish(one, unfinished, [], isNew ? undefined : await probe(one, 'closed'));
    unfinished = undefined;
  }
  if (unfinished?.phase === 'returning' && !isNew) return goBack(one, unfinished, 'returned');
  const target =
    unfinished && !isNew
      ? await newState(paths, unfinished)
      : await upgradeTarget(ports.paths, paths, { siteFile, gitlab });
  const record = unfinished ? resumed(unfinished, target, ports.now()) : await begin(one, target);
  if (record) return run(one, record, target);
  return closed && !isNew ? closed : unchanged(one, target);
}

/** Returns to the state before a site's unfinished or last finished upgrade. Throws `upgrade.no-previous`. */
export async function rollBack(ports: CorePorts, paths: SitePaths, token: Token, work: Work): Promise<Outcome> {
  const one: Upgrading = { ports, paths, token, work };
  let record = await readUpgrade(paths);
  if (!record) {
    record = await readUpgrade(paths, 'previous');
    if (!record) throw appError('upgrade.no-previous', { site: paths.name });
    await reopenPrevious(paths);
  }
  return goBack(one, { ...record, ...started(ports.now()), why: 'a rollback was asked for' }, 'rolled-back');
}

/** Keeps the old state and returns the record of a new upgrade; undefined when there is nothing to upgrade. */
async function begin(one: Upgrading, target: UpgradeTarget): Promise<UpgradeRecord | undefined> {
  const { ports, paths } = one;
  const last = await lastDeployment(paths, ports.paths.lock);
  if (last?.state !== 'ended')
    throw appError('site.deploy-interrupted', {
      site: paths.name,
      command: last?.resume ?? 'sealift deploy SITE.yaml',
    });
  const old = await readSiteFile(paths.siteFile);
  const plan = await showPlan(ports, { path: target.siteFile, text: target.text });
  if (old.text === target.text && plan.steps.every((step) => step.state === 'exists')) return undefined;
  const before = await probe(one, 'before');
  const hopsBefore = before.hops.filter((hop) => hop.ok).map((hop) => hop.hop);
  // What a stopped site doesn't answer says nothing about its earlier state.
  const isUp = liveState(await serviceFacts(paths)) !== undefined;
  const redBefore = isUp && before.firstRed !== undefined && { redBefore: before.firstRed };
  await writeState(paths, 'old', await pinnedText(ports.paths.store, paths, old));
  const then = { siteFileBefore: last.siteFile, hopsBefore, ...redBefore };
  return { version: 1, phase: 'trying', ...then, ...about(target, ports.now()) };
}

async function run(one: Upgrading, record: UpgradeRecord, target: UpgradeTarget): Promise<Outcome> {
  const { ports, paths, work } = one;
  const source = { path: record.siteFile, text: target.text };
  // What a killed run has already switched can only be finished or returned.
  const hasSwitched = record.phase !== 'trying';
  await writeState(paths, 'new', target.text);
  await writeUpgrade(paths, record);
  let tried: Tried[];
  try {
    tried = await trySite(ports, source, named(work, 'try'));
  } catch (error) {
    work.signal.throwIfAborted();
    if (hasSwitched) return goBack(one, { ...record, why: problemOf(error) }, 'returned');
    await dropUpgrade(paths);
    throw appError('upgrade.trial-failed', { site: paths.name, problem: problemOf(error) }, error);
  }
  const switching: UpgradeRecord = { ...record, phase: 'switching' };
  await writeUpgrade(paths, switching);
  let after: ProbeResult;
  try {
    await deploySite(ports, source, named(work, 'new'));
    after = await probe(one, 'after');
  } catch (error) {
    work.signal.throwIfAborted();
    return goBack(one, { ...switching, why: problemOf(error) }, 'returned', tried);
  }
  const worse = worseHop(record, after);
  if (worse) return goBack(one, { ...switching, why: worse }, 'returned', tried);
  return finish(one, switching, tried, after);
}

/** The first hop that fails: it counts if it answered before. Others failed then as well, or were not reached. */
function worseHop({ hopsBefore }: UpgradeRecord, { firstRed, hops }: ProbeResult): string | undefined {
  if (firstRed === undefined || !hopsBefore.includes(firstRed)) return undefined;
  const hop = hops.find((one) => one.hop === firstRed);
  return `${hop?.title ?? firstRed} failed after it, which answered before: ${hop?.error ?? 'no answer'}`;
}

async function finish(one: Upgrading, record: UpgradeRecord, tried: Tried[], probed?: ProbeResult): Promise<Outcome> {
  const { paths } = one;
  await writeUpgrade(paths, { ...record, phase: 'done' });
  const file = await changeFile(record.siteFile, record.fileBefore, await stateText(paths, 'new'));
  await keepPrevious(paths);
  const { site } = await readSiteFile(paths.siteFile);
  const findings = [...probeFindings(paths, record, probed), ...fileFinding(record, file, paths)];
  return outcome(paths, 'upgraded', site.gitlab.version, { tried, findings, probed });
}

/** Deploys the old state again. The upgrade stays unfinished until that is done. Throws `upgrade.return-failed`. */
async function goBack(
  one: Upgrading,
  record: UpgradeRecord,
  state: 'returned' | 'rolled-back',
  tried: Tried[] = [],
): Promise<Outcome> {
  const { ports, paths, work } = one;
  const why = record.why ?? 'the upgrade was interrupted while it was undone';
  if (state === 'returned') work.warn(`Returning to the earlier state: ${why}`);
  await writeUpgrade(paths, { ...record, phase: 'returning' });
  let probed: ProbeResult;
  try {
    await deploySite(ports, { path: record.siteFileBefore, text: await stateText(paths, 'old') }, named(work, 'old'));
    probed = await probe(one, 'returned');
  } catch (error) {
    work.signal.throwIfAborted();
    throw appError('upgrade.return-failed', { site: paths.name, problem: problemOf(error), why }, error);
  }
  const { fileBefore } = record;
  const file =
    fileBefore === undefined ? 'right' : await changeFile(record.siteFile, await stateText(paths, 'new'), fileBefore);
  await dropUpgrade(paths);
  const { site } = await readSiteFile(paths.siteFile);
  const returned = state === 'returned' ? [returnedFinding(paths.name, why)] : [];
  const findings = [...returned, ...probeFindings(paths, record, probed), ...fileFinding(record, file, paths)];
  return outcome(paths, state, site.gitlab.version, { tried, findings, probed });
}

async function unchanged({ paths }: Upgrading, { site }: UpgradeTarget): Promise<Outcome> {
  return outcome(paths, 'unchanged', site.gitlab.version, { tried: [], findings: [] });
}

function outcome(
  { name: site }: SitePaths,
  state: Outcome['state'],
  gitlab: string,
  { tried, findings, probed }: { tried: Tried[]; findings: Finding[]; probed?: ProbeResult | undefined },
): Outcome {
  return { site, state, gitlab, tried, findings, ...(probed && { probe: probed }) };
}

async function newState(paths: SitePaths, { siteFile, fileBefore }: UpgradeRecord): Promise<UpgradeTarget> {
  const read = await readSiteFile(join(paths.upgrade, upgradeFiles.new));
  return { siteFile, ...read, ...(fileBefore !== undefined && { fileBefore }) };
}

function about({ siteFile, fileBefore }: UpgradeTarget, now: Date): Pick<UpgradeRecord, 'siteFile' | 'startedAt'> {
  return { siteFile, ...(fileBefore !== undefined && { fileBefore }), ...started(now) };
}

function resumed(
  { phase, siteFileBefore, hopsBefore, redBefore }: UpgradeRecord,
  target: UpgradeTarget,
  now: Date,
): UpgradeRecord {
  const then = { siteFileBefore, hopsBefore, ...(redBefore !== undefined && { redBefore }) };
  return { version: 1, phase, ...then, ...about(target, now) };
}

function started(now: Date): Pick<UpgradeRecord, 'startedAt'> {
  return { startedAt: now.toISOString() };
}

async function stateText(paths: SitePaths, file: 'old' | 'new'): Promise<string> {
  return readFile(join(paths.upgrade, upgradeFiles[file]), 'utf8');
}

/** Replaces the text of the operator's file if it is the expected one. Whether it can be written decides nothing about the site. */
async function changeFile(path: string, expected: string | undefined, text: string): Promise<FileState> {
  if (expected === undefined) return 'right';
  const now = await readFile(path, 'utf8').catch(() => undefined);
  if (now === text) return 'right';
  if (now !== expected) return 'changed';
  try {
    await writeWhole(path, text, { mode: (await stat(path)).mode & 0o777 });
    return 'right';
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function probe({ ports, paths, token, work }: Upgrading, when: string): Promise<ProbeResult> {
  return probeSite(ports, { siteFile: paths.siteFile, ...token }, [], named(work, when));
}

/** Deployments and probes of one upgrade have the same steps. */
function named(work: Work, part: string): Work {
  return {
    signal: work.signal,
    step: (id, title) => work.step(`${part}-${id}`, title),
    endStep: (state) => work.endStep(state),
    progress: (progress) => work.progress(progress),
    log: (line) => work.log(line),
    warn: (line) => work.warn(line),
  };
}

function problemOf(error: unknown): string {
  return (error as AppError).message;
}
