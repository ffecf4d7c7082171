import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { duoFeature } from '../../../shared/site-file.ts';
import { readBounded } from '../files/read-bounded.ts';
import { sha256Hex } from '../files/sha256.ts';
import { writeWhole } from '../files/write-whole.ts';
import { duoField } from './eras-catalog.ts';

const text = z.string().max(4096);
/** What apply wrote, as `undo-verdicts.ts` shows it. More than one value while a change was begun and not seen to end. */
const set = z.array(text).min(1);

const settingChange = z.strictObject({
  kind: z.literal('setting'),
  field: duoField,
  before: z.union([text, z.int(), z.boolean()]).nullable(),
  set,
});
const modelChange = z.strictObject({
  kind: z.literal('model'),
  name: text,
  /** `null`: apply created it. */
  before: z
    .strictObject({ id: text, family: text, endpoint: text, identifier: text.nullable(), hadKey: z.boolean() })
    .nullable(),
  /** Of a model that apply created, once GitLab said it. */
  id: text.optional(),
  set,
  /** Digests of the keys that apply gave it; that of an empty text where it gave none. */
  keys: z.array(z.string().length(64)),
});
const featureChange = z.strictObject({
  kind: z.literal('feature'),
  feature: duoFeature,
  /** `null`: GitLab did not list it. */
  before: z.strictObject({ provider: text, modelId: text.optional(), modelName: text.optional() }).nullable(),
  set,
});
const change = z.discriminatedUnion('kind', [settingChange, modelChange, featureChange]);

/** Something that apply changed: what it was before the first change, and what apply set. Holds no secrets. */
export type Change = z.infer<typeof change>;
export type ModelChange = z.infer<typeof modelChange>;
export type FeatureChange = z.infer<typeof featureChange>;

/* Per GitLab, by its address: a site file may name another one later. */
const applyRecord = z.strictObject({ version: z.literal(1), gitlabs: z.record(z.string(), z.array(change).max(2000)) });

/** Where the changes of one GitLab are recorded. */
export interface RecordPlace {
  file: string;
  gitlabUrl: string;
}

const limitBytes = 4 * 1024 * 1024;

/** Returns what apply changed and undo has not put back yet. Throws `gitlab.record-broken`. */
export async function readChanges({ file, gitlabUrl }: RecordPlace): Promise<Change[]> {
  return (await readRecord(file))[gitlabUrl] ?? [];
}

/** Returns the addresses of the GitLabs in which apply changed something that undo has not put back. Throws `gitlab.record-broken`. */
export async function changedGitlabs(file: string): Promise<string[]> {
  return Object.entries(await readRecord(file)).flatMap(([url, changes]) => (changes.length > 0 ? [url] : []));
}

/** Replaces the recorded changes of one GitLab. */
export async function writeChanges({ file, gitlabUrl }: RecordPlace, changes: Change[]): Promise<void> {
  const gitlabs = { ...(await readRecord(file)), [gitlabUrl]: changes };
  await writeWhole(file, `${JSON.stringify({ version: 1, gitlabs }, null, 2)}\n`, { folderMode: 0o700 });
}

/**
 * Records changes, makes them, and records that they were made. What was recorded of the same thing before stays as its oldest state.
 * `make` returns the id of a model that it created. If it throws or the process dies, both values count as set by apply.
 */
export async function recordAround(
  place: RecordPlace,
  changes: Change[],
  make: () => Promise<string | undefined>,
): Promise<void> {
  const old = await readChanges(place);
  const begun = changes.map((one) =>
    joined(
      old.find((known) => isSame(known, one)),
      one,
    ),
  );
  const others = old.filter((known) => !changes.some((one) => isSame(known, one)));
  await writeChanges(place, [...others, ...begun]);
  const id = await make();
  await writeChanges(place, [...others, ...begun.map((one) => settled(one, id))]);
}

/** Whether apply replaced a key, which nothing can put back. */
export function hadKey(change: Change): boolean {
  return change.kind === 'model' && change.before?.hadKey === true;
}

/** The digest by which a key of a model is known again. */
export function keyDigest(key: string): string {
  return sha256Hex(`sealift gitlab key ${key}`);
}

function joined(known: Change | undefined, next: Change): Change {
  if (!known) return next;
  const both = { ...known, set: withLast(known.set, next.set) };
  if (both.kind !== 'model' || next.kind !== 'model') return both;
  const id = next.before?.id ?? next.id;
  return { ...both, ...(!both.before && id && { id }), keys: withLast(both.keys, next.keys) };
}

function withLast(known: string[], next: string[]): string[] {
  return [...known.filter((one) => !next.includes(one)), ...next];
}

function settled(one: Change, id: string | undefined): Change {
  const set = one.set.slice(-1);
  if (one.kind !== 'model') return { ...one, set };
  return { ...one, set, keys: one.keys.slice(-1), ...(id !== undefined && !one.before && { id }) };
}

function isSame(known: Change, next: Change): boolean {
  if (known.kind === 'setting') return next.kind === 'setting' && next.field === known.field;
  if (known.kind === 'feature') return next.kind === 'feature' && next.feature === known.feature;
  if (next.kind !== 'model') return false;
  const [knownId, nextId] = [known, next].map((one) => one.before?.id ?? one.id);
  // A creation that was begun has no id yet, and so belongs to the one that was begun under that name.
  if (knownId !== undefined && nextId !== undefined) return knownId === nextId;
  return known.name === next.name && !known.before;
}

async function readRecord(file: string): Promise<Record<string, Change[]>> {
  const bytes = await readBounded(file, limitBytes);
  if (bytes === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw appError('gitlab.record-broken', { path: file, issues: ['it is not JSON'] }, error);
  }
  const read = applyRecord.safeParse(value);
  if (!read.success) throw appError('gitlab.record-broken', { path: file, issues: issueLines(read.error) });
  return read.data.gitlabs;
}
