import { create } from 'zustand';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import type { Carrier } from '../../../shared/contract/media.ts';
import { isEnded, type JobSnapshot } from '../../../shared/jobs.ts';
import { core, useConnection } from '../../state/core.ts';
import { newestJob, useJobs } from '../../state/jobs.ts';
import { latestOnly } from '../../state/latest-only.ts';
import { followMedia, useMedia } from '../../state/media.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';

interface ImportState {
  /** Connected media that a person chose not to use. */
  leftOut: string[];
  /** The reason for using a bundle without a trusted key. */
  overrideReason?: string | undefined;
  /** The bundle that the reason applies to, once it is known. */
  overrideOf?: string | undefined;
  /** The bundle that a person allowed although it is older than one imported before. */
  olderOf?: string | undefined;
  /** Plan for the connected media, or the last known plan while none is connected. */
  plan?: ImportPlan | undefined;
  /** Why there is no plan. */
  error?: ShownError | undefined;
  isAsking: boolean;
  /** Owner of the signing key, if it has a label. */
  signer?: string | undefined;
  /** Why an import or verification could not start. */
  refused?: { verb: 'import' | 'verify'; error: ShownError } | undefined;
  /** The bundle whose import was started. It continues automatically when its missing media arrive. */
  restOf?: string | undefined;
  /** Labels of the media that were removed since a job read them, by its ID. */
  unplugged: Record<string, string[]>;
}

/** State of the Import screen. */
export const useImport = create<ImportState>(() => ({ leftOut: [], isAsking: false, unplugged: {} }));

/** Returns the roots of the connected media that may be used. */
export function usableDirs(carriers: readonly Carrier[] | undefined, leftOut: readonly string[]): string[] {
  const usable = (carriers ?? []).filter((one) => one.problem === undefined && !leftOut.includes(one.path));
  return usable.map((one) => one.path);
}

const dirs = () => usableDirs(useMedia.getState().carriers, useImport.getState().leftOut);

let isFollowing = false;

/** Starts to refresh the plan when media change and when an import ends. Further calls do nothing. */
export function followImport(): void {
  followMedia();
  if (isFollowing) return;
  isFollowing = true;
  useMedia.subscribe(({ carriers }) => {
    if (carriers) noteUnplugged(carriers.map((one) => one.path));
    void askPlan();
  });
  useConnection.subscribe(({ state }) => state === 'open' && void askPlan());
  let ended = endedImport()?.id;
  useJobs.subscribe(() => {
    const now = endedImport();
    if (now?.id === ended) return;
    ended = now?.id;
    if (now && !lacksOnlyMedia(now)) stopWaiting();
    void askPlan();
  });
  void askPlan();
}

/** Notes which media of the plan are no longer connected, for the newest jobs that read them. */
function noteUnplugged(connected: readonly string[]): void {
  const { plan: shown, unplugged } = useImport.getState();
  // Without a plan, a medium was pulled while it was being read.
  const known = shown ?? lastPlan;
  const gone = (known?.media ?? []).filter((one) => one.path !== undefined && !connected.includes(one.path));
  if (gone.length === 0) return;
  const { byId } = useJobs.getState();
  const newest = ['imports.run', 'bundle.verify'].map((kind) => newestJob(byId, [kind]));
  // The result of a verification is shown until the next one succeeds.
  const good = newestJob(byId, ['bundle.verify'], { state: 'succeeded' });
  const readers = [...new Set([...newest, good].flatMap((job) => job?.id ?? []))];
  const more = readers.map(
    (id) => [id, [...(unplugged[id] ?? []), ...gone.map((one) => one.label)]] as [string, string[]],
  );
  useImport.setState({ unplugged: { ...unplugged, ...Object.fromEntries(more) } });
}

const begin = latestOnly();
/** The last plan that could be made: a medium that is removed while it is being read must not make the page forget the bundle. */
let lastPlan: ImportPlan | undefined;
let lastRun = '';

/** Requests the plan for the connected media. Only the result of the latest call is used. */
export async function askPlan(): Promise<void> {
  const isLast = begin();
  const from = dirs();
  if (from.length === 0) {
    useImport.setState({ error: undefined, isAsking: false, plan: lastPlan && withoutMedia(lastPlan) });
    return;
  }
  useImport.setState({ isAsking: true });
  const answer = await plan(from);
  if (!isLast()) return;
  lastPlan = answer.plan ?? lastPlan;
  useImport.setState({ ...answer, isAsking: false });
  goOn();
}

async function plan(from: string[]): Promise<Pick<ImportState, 'plan' | 'error' | 'signer'>> {
  const { overrideReason, olderOf } = useImport.getState();
  try {
    const made = await core().imports.plan({ ...media(from), ...older() });
    if (olderOf !== undefined && olderOf !== bundleOf(made)) {
      useImport.setState({ olderOf: undefined });
      return await plan(from);
    }
    if (overrideReason !== undefined && !made.signature.trusted && !holdsFor(made)) {
      useImport.setState({ overrideReason: undefined, overrideOf: undefined });
      return await plan(from);
    }
    const { trusted } = await core().keys.list({});
    const key = trusted.find((one) => made.signature.trusted && made.signature.keyId.startsWith(one.fingerprint));
    return { plan: made, error: undefined, signer: key?.label || undefined };
  } catch (error) {
    return { plan: undefined, error: toShownError(error), signer: undefined };
  }
}

/* A reason given for one bundle must not apply to another that appears in the same folder. */
function holdsFor(made: ImportPlan): boolean {
  const { overrideOf = bundleOf(made) } = useImport.getState();
  useImport.setState({ overrideOf });
  return overrideOf === bundleOf(made);
}

function bundleOf({ id, signature }: ImportPlan): string {
  return `${id} ${signature.keyId}`;
}

/** True if the import of this bundle was started and continues when its other media arrive. */
export function isWanted(known: ImportPlan): boolean {
  return useImport.getState().restOf === bundleOf(known);
}

function withoutMedia(known: ImportPlan): ImportPlan {
  return { ...known, readBytes: 0, media: known.media.map(({ path: _path, ...medium }) => medium) };
}

/** Continues a started import when new media arrive. */
function goOn(): void {
  const { plan: known } = useImport.getState();
  if (!known || !isWanted(known)) return;
  if (known.isComplete) stopWaiting();
  else if (known.readBytes > 0 && lastRun !== keyOf(known) && !isRunning()) void startImport();
}

/** Identifies the connected media. The path is not enough, because one medium after another may use the same folder. */
function keyOf({ id, media: all, readBytes }: ImportPlan): string {
  return JSON.stringify([id, all.filter((one) => one.path !== undefined).map((one) => one.ordinal), readBytes]);
}

/** Imports from the connected media, and continues when the others arrive. */
export async function startImport(): Promise<void> {
  const { plan: known } = useImport.getState();
  lastRun = known ? keyOf(known) : '';
  useImport.setState({ restOf: known && bundleOf(known), refused: undefined });
  await run('import', () => core().imports.run({ ...media(dirs()), ...older() }));
}

/** Reads all files on the media and checks them against the signature. */
export async function startVerify(): Promise<void> {
  useImport.setState({ refused: undefined });
  await run('verify', () => core().bundle.verify(media(dirs())));
}

/** Stops waiting for missing media. */
export function stopWaiting(): void {
  useImport.setState({ restOf: undefined });
}

/** Uses or leaves out a connected medium. */
export function setMediumUsed(path: string, isUsed: boolean): void {
  const { leftOut } = useImport.getState();
  useImport.setState({ leftOut: isUsed ? leftOut.filter((one) => one !== path) : [...leftOut, path] });
  void askPlan();
}

/** Trusts the key with this fingerprint. Returns the error, if any. */
export async function trust(fingerprint: string, label: string): Promise<ShownError | undefined> {
  try {
    await core().keys.trust({ key: { fingerprint }, ...(label !== '' && { label }) });
    await askPlan();
    return undefined;
  } catch (error) {
    return toShownError(error);
  }
}

/** Uses the media without a trusted key, for this reason. Undefined takes that back. */
export function override(reason: string | undefined): void {
  useImport.setState({ overrideReason: reason, overrideOf: undefined });
  void askPlan();
}

/** Allows the bundle of the plan although it is older than one imported before. */
export function allowOlder(): void {
  const { plan: known } = useImport.getState();
  useImport.setState({ olderOf: known && bundleOf(known) });
  void askPlan();
}

function older(): { allowOlder?: true } {
  return useImport.getState().olderOf === undefined ? {} : { allowOlder: true };
}

function media(from: string[]): { dirs: string[]; overrideReason?: string } {
  const { overrideReason } = useImport.getState();
  return { dirs: from, ...(overrideReason !== undefined && { overrideReason }) };
}

async function run(verb: 'import' | 'verify', start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    useImport.setState({ refused: { verb, error: toShownError(error) }, restOf: undefined });
  }
}

function endedImport(): JobSnapshot | undefined {
  const job = newestJob(useJobs.getState().byId, ['imports.run']);
  return job && isEnded(job) ? job : undefined;
}

/** An import that was stopped, or failed for another reason, must be started again by a person. */
function lacksOnlyMedia({ state, error }: JobSnapshot): boolean {
  return state === 'succeeded' || (state === 'failed' && error?.code === 'import.medium-missing');
}

function isRunning(): boolean {
  const job = newestJob(useJobs.getState().byId, ['imports.run']);
  return job !== undefined && !isEnded(job);
}
