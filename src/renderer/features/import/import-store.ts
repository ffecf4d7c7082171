import { create } from 'zustand';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import type { Carrier } from '../../../shared/contract/media.ts';
import { isEnded, type JobSnapshot } from '../../../shared/jobs.ts';
import { core, useConnection } from '../../state/core.ts';
import { useHello } from '../../state/hello.ts';
import { newestJob, useJobs } from '../../state/jobs.ts';
import { followMedia, useMedia } from '../../state/media.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { turns } from '../../state/turns.ts';

interface ImportState {
  /** Media that are there but shall not be used. */
  leftOut: string[];
  /** Why a bundle that no trusted key signed shall be used nevertheless. */
  overrideReason?: string | undefined;
  /** The one bundle that the reason holds for, once it was seen. */
  overrideOf?: string | undefined;
  /** Of the media that are there; while none is there, the last one that was known. */
  plan?: ImportPlan | undefined;
  /** Why there is no plan. */
  error?: ShownError | undefined;
  isAsking: boolean;
  /** Who is known under the key that signed. */
  signer?: string | undefined;
  /** Why an import or a verification could not begin. */
  refused?: ShownError | undefined;
  /** The bundle whose import was asked for: as long as it lacks media it goes on by itself. */
  restOf?: string | undefined;
}

/** What the import screen works with. */
export const useImport = create<ImportState>(() => ({ leftOut: [], isAsking: false }));

/** The roots of the media that are there and shall be used. */
export function usableDirs(carriers: readonly Carrier[] | undefined, leftOut: readonly string[]): string[] {
  const usable = (carriers ?? []).filter((one) => one.problem === undefined && !leftOut.includes(one.path));
  return usable.map((one) => one.path);
}

const dirs = () => usableDirs(useMedia.getState().carriers, useImport.getState().leftOut);

let isFollowing = false;

/** Begins to keep the plan up to date: with each change of the media, and after each import. */
export function followImport(): void {
  followMedia();
  if (isFollowing) return;
  isFollowing = true;
  useMedia.subscribe(() => void askPlan());
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

const begin = turns();
let lastRun = '';

/** Asks for the plan of what is there now; of several questions the last one counts. */
export async function askPlan(): Promise<void> {
  const isLast = begin();
  const from = dirs();
  if (from.length === 0) {
    useImport.setState(({ plan }) => ({ error: undefined, isAsking: false, plan: plan && withoutMedia(plan) }));
    return;
  }
  useImport.setState({ isAsking: true });
  const answer = await plan(from);
  if (!isLast()) return;
  useImport.setState({ ...answer, isAsking: false });
  goOn();
}

async function plan(from: string[]): Promise<Pick<ImportState, 'plan' | 'error' | 'signer'>> {
  const { overrideReason } = useImport.getState();
  try {
    const made = await core().imports.plan({ dirs: from, ...(overrideReason !== undefined && { overrideReason }) });
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

/* Who gave a reason for one bundle has not looked at another that comes to the same folder. */
function holdsFor(made: ImportPlan): boolean {
  const { overrideOf = bundleOf(made) } = useImport.getState();
  useImport.setState({ overrideOf });
  return overrideOf === bundleOf(made);
}

function bundleOf({ id, signature }: ImportPlan): string {
  return `${id} ${signature.keyId}`;
}

/** True when the import of this bundle was asked for and goes on as soon as its other media are there. */
export function isWanted(known: ImportPlan): boolean {
  return useImport.getState().restOf === bundleOf(known);
}

function withoutMedia(known: ImportPlan): ImportPlan {
  return { ...known, readBytes: 0, media: known.media.map(({ path: _path, ...medium }) => medium) };
}

/** Goes on with an import that was asked for, as soon as other media are there than it had. */
function goOn(): void {
  const { plan: known } = useImport.getState();
  if (!known || !isWanted(known)) return;
  if (known.isComplete) stopWaiting();
  else if (known.readBytes > 0 && lastRun !== keyOf(known) && !isRunning()) void startImport();
}

/** One stick after another may come to the same folder. */
function keyOf({ id, media: all, readBytes }: ImportPlan): string {
  return JSON.stringify([id, all.filter((one) => one.path !== undefined).map((one) => one.ordinal), readBytes]);
}

/** Imports from the media that are there, and goes on with the others when they come. */
export async function startImport(): Promise<void> {
  const { plan: known } = useImport.getState();
  lastRun = known ? keyOf(known) : '';
  useImport.setState({ restOf: known && bundleOf(known), refused: undefined });
  await run(() => core().imports.run(media(dirs())));
}

/** Reads all that is on the media and compares it with what was signed. */
export async function startVerify(): Promise<void> {
  useImport.setState({ refused: undefined });
  await run(() => core().bundle.verify(media(dirs())));
}

/** Waits no longer for media that are missing. */
export function stopWaiting(): void {
  useImport.setState({ restOf: undefined });
}

/** Uses or leaves out a medium that is there. */
export function setMediumUsed(path: string, isUsed: boolean): void {
  const { leftOut } = useImport.getState();
  useImport.setState({ leftOut: isUsed ? leftOut.filter((one) => one !== path) : [...leftOut, path] });
  void askPlan();
}

/** Trusts the key with this fingerprint, told by another channel. Gives the error, if there is one. */
export async function trust(fingerprint: string, label: string): Promise<ShownError | undefined> {
  try {
    await core().keys.trust({ key: { fingerprint }, ...(label !== '' && { label }) });
    await askPlan();
    return undefined;
  } catch (error) {
    return toShownError(error);
  }
}

/** Uses the media although no trusted key signed them; takes that back without a reason. */
export function override(reason: string | undefined): void {
  useImport.setState({ overrideReason: reason, overrideOf: undefined });
  void askPlan();
}

function media(from: string[]): { dirs: string[]; overrideReason?: string } {
  const { overrideReason } = useImport.getState();
  return { dirs: from, ...(overrideReason !== undefined && { overrideReason }) };
}

async function run(start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    useImport.setState({ refused: toShownError(error), restOf: undefined });
  }
}

function endedImport(): JobSnapshot | undefined {
  const job = newestJob(useJobs.getState().byId, ['imports.run']);
  return job && isEnded(job) ? job : undefined;
}

/** Whoever stopped an import, or must see to its error first, begins it again by hand. */
function lacksOnlyMedia({ state, error }: JobSnapshot): boolean {
  return state === 'succeeded' || (state === 'failed' && error?.code === 'import.medium-missing');
}

function isRunning(): boolean {
  const job = newestJob(useJobs.getState().byId, ['imports.run']);
  return job !== undefined && !isEnded(job);
}

/** True when this page may change something: another Sealift may hold the data folder. */
export function useMayWrite(): boolean {
  return useHello((one) => one.hello?.mayWrite ?? false);
}
