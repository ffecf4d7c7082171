import { create } from 'zustand';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { SiteNeeds } from '../../../shared/site-needs.ts';
import { core } from '../../state/core.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { type Draft, draftOf, type Entry, newEntry, type PackForm, type Site, specOf } from './pack-draft.ts';
import { saveDraft, savedDraft } from './saved-draft.ts';

type OwnKey = OutputOf<(typeof contract)['keys']['list']>['own'][number];
type Models = OutputOf<(typeof contract)['models']['list']>;

interface PackState extends PackForm {
  /** The job that works out what the site needs, if this page started one. */
  workedOutBy?: string | undefined;
  /** Problems that the core reports, by field. */
  problems: Record<string, string>;
  /** The `BUNDLE.yaml` of the plan, the plan's job, and the key of the draft it was made from. */
  planned?: { spec: string; jobId: string; of: string } | undefined;
  /** IDs of the items whose licence was accepted. */
  accepted: string[];
  keys?: OwnKey[];
  key: string;
  /** The readiness file of the site's machine; empty without one. */
  readiness: string;
  /** The models that fit the machine of a readiness file. */
  models?: Models | undefined;
  error?: ShownError | undefined;
  /** Why no signing key was created. */
  keyError?: ShownError | undefined;
}

const noSite: Site = { engine: 'vllm', features: [], users: '', kept: {} };

/** State of the packing screen. What was entered survives a reload. */
export const usePack = create<PackState>(() => ({
  draft: { name: '', gitlab: '', note: '', installers: '', entries: [] },
  site: noSite,
  targets: [''],
  base: '',
  overwrite: false,
  plainFolders: false,
  problems: {},
  accepted: [],
  key: '',
  readiness: '',
  ...savedDraft(),
}));
usePack.subscribe(saveDraft);

/** Changes the draft, and clears the problems of the changed fields. */
export function change(part: Partial<Draft>): void {
  usePack.setState(({ draft, problems }) => {
    const rest = part.entries ? {} : Object.fromEntries(Object.entries(problems).filter(([field]) => !(field in part)));
    // What was worked out before would undo the change.
    return { draft: { ...draft, ...part }, problems: rest, workedOutBy: undefined };
  });
}

/** Changes one entry. */
export function changeEntry(id: number, part: Partial<Entry>): void {
  change({ entries: usePack.getState().draft.entries.map((one) => (one.id === id ? { ...one, ...part } : one)) });
}

/** Adds an entry. */
export function addEntry(kind: Entry['kind'], given: Partial<Entry> = {}): void {
  change({ entries: [...usePack.getState().draft.entries, newEntry(kind, given)] });
}

/** Removes an entry. */
export function removeEntry(id: number): void {
  change({ entries: usePack.getState().draft.entries.filter((one) => one.id !== id) });
}

/** Identifies the draft of a plan. A plan with another key is out of date. */
export function planKey(
  state: Pick<PackState, 'draft' | 'targets' | 'base' | 'overwrite' | 'plainFolders' | 'readiness'>,
): string {
  const { draft, targets, base, overwrite, plainFolders, readiness } = state;
  return JSON.stringify([specOf(draft), targets, base, overwrite, plainFolders, readiness]);
}

/** Fills the form from an existing `BUNDLE.yaml`. */
export function load(path: string): Promise<void> {
  return attempt(async () => {
    const { spec } = await core().bundle.readSpec({ path });
    const { site } = spec;
    const draft = draftOf(spec);
    usePack.setState({
      draft: { ...draft, gitlab: site?.gitlab ?? draft.gitlab },
      site: siteOf(site),
      workedOutBy: undefined,
      problems: {},
      accepted: [],
    });
  });
}

function siteOf(needs: SiteNeeds | undefined): Site {
  if (!needs) return noSite;
  const { engine, features, users = '', models, fips } = needs;
  return { engine, features, users, kept: { ...(models && { models }), fips } };
}

/** Asks which models fit the machine of a readiness file. */
export function readNeeds(readinessPath: string): Promise<void> {
  return attempt(async () => {
    const { gitlab } = usePack.getState().draft;
    usePack.setState({ models: undefined, readiness: '' });
    usePack.setState({
      models: await core().models.list({ readinessPath, ...(gitlab.trim() && { gitlab: gitlab.trim() }) }),
      readiness: readinessPath,
    });
  });
}

/** Changes what the site is. */
export function changeSite(part: Partial<Site>): void {
  usePack.setState(({ site }) => ({ site: { ...site, ...part }, workedOutBy: undefined }));
}

/** Works out what the site needs besides the contents of the form. Stops if the form has problems. */
export function workOut(): Promise<void> {
  return attempt(async () => {
    const { draft, site, readiness } = usePack.getState();
    const { engine, features, users, kept } = site;
    const described = { ...kept, gitlab: draft.gitlab.trim(), engine, features, ...(users !== '' && { users }) };
    const spec = { ...specOf({ ...draft, gitlab: '', name: draft.name || 'site' }), site: described };
    const { path, problems } = await core().bundle.writeSpec({ spec });
    usePack.setState({ problems: Object.fromEntries(problems.map((one) => [one.field, one.problem])) });
    if (path === undefined) return;
    const machine = readiness === '' ? {} : { readinessPath: readiness };
    const { jobId } = await core().bundle.needs({ spec: path, ...machine });
    // A change made meanwhile would be undone by what was worked out before it.
    const now = usePack.getState();
    if (now.draft === draft && now.site === site) usePack.setState({ workedOutBy: jobId });
  });
}

/** Takes the worked out contents into the form. */
export function takeWorkedOut(spec: Parameters<typeof draftOf>[0]): void {
  const { name } = usePack.getState().draft;
  usePack.setState({ draft: { ...draftOf(spec), name }, problems: {}, accepted: [], workedOutBy: undefined });
}

/** Writes the `BUNDLE.yaml` and plans the media. Stops if the form has problems. */
export function plan(): Promise<void> {
  return attempt(async () => {
    const state = usePack.getState();
    const { path, problems } = await core().bundle.writeSpec({ spec: specOf(state.draft) });
    usePack.setState({ problems: Object.fromEntries(problems.map((one) => [one.field, one.problem])) });
    if (path === undefined) return;
    const { readiness } = state;
    const machine = readiness === '' ? {} : { readinessPath: readiness };
    const { jobId } = await core().bundle.packPlan({ spec: path, ...howOf(state), ...machine });
    usePack.setState({ planned: { spec: path, jobId, of: planKey(state) }, accepted: [] });
  });
}

/** Writes the planned bundle. */
export function pack(): Promise<void> {
  return attempt(async () => {
    const state = usePack.getState();
    if (!state.planned) return;
    await core().bundle.pack({ spec: state.planned.spec, ...howOf(state), key: state.key });
  });
}

/** Loads the signing keys, and selects one if it is the only one. Leaves out the site's key, which signs reports. */
export function readKeys(): Promise<void> {
  return attempt(async () => {
    const own = (await core().keys.list({})).own.filter((one) => one.name !== 'site' && isInUse(one));
    const { key } = usePack.getState();
    usePack.setState({ keys: own, key: key || (own.length === 1 ? (own[0]?.name ?? '') : '') });
  });
}

/** Creates and selects a signing key. Returns false if that failed. */
export async function createKey(name: string): Promise<boolean> {
  usePack.setState({ keyError: undefined });
  try {
    const made = { ...(await core().keys.create({ name })), condition: { state: 'valid' as const } };
    usePack.setState(({ keys = [] }) => ({ keys: [...keys, made], key: made.name }));
    return true;
  } catch (error) {
    usePack.setState({ keyError: toShownError(error) });
    return false;
  }
}

/** A revoked key signs nothing, and a replaced one should not. */
function isInUse({ condition }: Pick<OwnKey, 'condition'>): boolean {
  return condition.state !== 'revoked' && condition.state !== 'replaced';
}

/** Where and how the bundle is to be written: the same for the plan and for packing. */
function howOf({ targets, base, overwrite, plainFolders }: PackState) {
  const to = targets.map((one) => one.trim()).filter((one) => one !== '');
  return { to, overwrite, plainFolders, ...(base.trim() !== '' && { base: base.trim() }) };
}

async function attempt(work: () => Promise<void>): Promise<void> {
  usePack.setState({ error: undefined });
  try {
    await work();
  } catch (error) {
    usePack.setState({ error: toShownError(error) });
  }
}
