import type { GitlabUndone, UndoRow } from '../../../shared/contract/gitlab.ts';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { parseGitlabVersion } from '../catalog/gitlab-version.ts';
import {
  type Change,
  type FeatureChange,
  hadKey,
  type ModelChange,
  readChanges,
  writeChanges,
} from './apply-record.ts';
import { type ApplyParts, duoFields, recordPlace } from './apply-settings.ts';
import type { DuoField } from './eras-catalog.ts';
import { findEra } from './find-era.ts';
import {
  beforeText,
  changeName,
  modelNow,
  type PresentState,
  settableProvider,
  undoVerdicts,
  type Verdict,
} from './undo-verdicts.ts';
import { featureText } from './wanted-settings.ts';

/** Input of undo. `plan` changes nothing; `beforeFirst` runs before the first change in GitLab. */
export interface UndoParts extends Omit<ApplyParts, 'apiToken' | 'siteFile'> {
  plan: boolean;
  beforeFirst(): Promise<void>;
}

/**
 * Puts back what apply changed and nobody changed since, in the opposite order, reads it back, and forgets what is as it was. Safe to
 * repeat, also after an interruption. Throws `gitlab.undo-by-hand` where this GitLab has no API for it.
 */
export async function undoSettings(parts: UndoParts): Promise<GitlabUndone> {
  const { plan } = parts;
  const changes = await readChanges(recordPlace(parts));
  begin(parts, 'version', 'Ask GitLab for its version');
  const version = await parts.client.version();
  if (changes.length === 0) return result(parts, version, []);
  const fields = undoFields(parts, version, changes);
  begin(parts, 'read', 'Read the present settings');
  const state = await readByHand(parts, version, changes, fields);
  const before = undoVerdicts(changes, state);
  if (plan) return result(parts, version, [...before.map((one) => row(one)), ...keyRows(changes)]);
  if (before.some((one) => one.is === 'put-back')) await parts.beforeFirst();
  const tried = new Map<Change, string>();
  for (const kind of ['feature', 'model', 'setting'] as const) await putKindBack(parts, kind, changes, fields, tried);
  begin(parts, 'read-back', 'Read back and compare');
  const after = undoVerdicts(changes, await readState(parts, fields), tried);
  const left = after.filter((one) => one.is !== 'as-before').map((one) => one.change);
  await writeChanges(recordPlace(parts), left);
  return result(parts, version, [...after.map((one, at) => row(one, before[at])), ...keyRows(changes)]);
}

/* What was put back of one kind decides what may be of the next: a model goes only when no feature uses it. */
async function putKindBack(
  parts: UndoParts,
  kind: Change['kind'],
  changes: Change[],
  fields: DuoField[],
  tried: Map<Change, string>,
): Promise<void> {
  const state = await readState(parts, fields);
  const verdicts = undoVerdicts(changes, state, tried);
  for (const { change, setting, is } of verdicts) {
    if (change.kind !== kind || is !== 'put-back') continue;
    parts.work.signal.throwIfAborted();
    begin(parts, `undo-${setting}`, `Put back: ${setting}`);
    const refused = await refusal(() => putBack(parts, change, fields, state));
    tried.set(change, refused);
    if (change.kind !== 'model' || refused !== '') continue;
    const freed = verdicts.filter((one) => one.is === 'freed' && one.now === featureText('SELF_HOSTED', change.name));
    for (const one of freed) tried.set(one.change, '');
  }
}

function begin({ site, work }: UndoParts, id: string, title: string): void {
  work.step(id, `${site.gitlab.simulated ? 'SIMULATED ' : ''}${title}`);
}

function undoFields({ catalog }: UndoParts, version: string, changes: Change[]): DuoField[] {
  const real = parseGitlabVersion(version);
  if (findEra(catalog, real).era.canApply) return duoFields(catalog, real);
  throw appError('gitlab.undo-by-hand', { version, why: 'it has no API for it', lines: handLines(changes) });
}

async function readState({ client }: UndoParts, fields: DuoField[]): Promise<PresentState> {
  const duoSettings = await client.duoSettings(fields);
  const [models, features] = [await client.models(), await client.features()];
  return { duoSettings, models, features, canUnassign: await canUnassign(client) };
}

/* Some refuse every question about the schema. */
async function canUnassign(client: UndoParts['client']): Promise<boolean> {
  try {
    return await client.canUnassign();
  } catch (error) {
    if (error instanceof AppError && error.code === 'gitlab.refused') return false;
    throw error;
  }
}

async function readByHand(parts: UndoParts, version: string, changes: Change[], fields: DuoField[]) {
  return readState(parts, fields).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'gitlab.refused') throw error;
    throw appError('gitlab.undo-by-hand', { version, why: error.message, lines: handLines(changes) }, error);
  });
}

/** Returns the message of GitLab's refusal, or an empty text. A refusal does not stop the other changes. */
async function refusal(change: () => Promise<void>): Promise<string> {
  try {
    await change();
    return '';
  } catch (error) {
    if (error instanceof AppError && error.code === 'gitlab.refused') return error.message;
    throw error;
  }
}

async function putBack(parts: UndoParts, change: Change, fields: DuoField[], state: PresentState): Promise<void> {
  const { client } = parts;
  // GitLab takes an empty text for an address that is not set.
  if (change.kind === 'setting') return client.updateDuoSettings(fields, { [change.field]: change.before ?? '' });
  if (change.kind === 'feature') return putFeatureBack(parts, change, state);
  return putModelBack(parts, change, state);
}

async function putFeatureBack({ client }: UndoParts, change: FeatureChange, state: PresentState): Promise<void> {
  const provider = settableProvider(change, state);
  if (provider) await client.setProvider([change.feature], provider, change.before?.modelId);
}

async function putModelBack({ client }: UndoParts, change: ModelChange, state: PresentState): Promise<void> {
  const { name, before } = change;
  const present = modelNow(change, state);
  if (!present) return;
  if (!before) return client.deleteModel(present.id);
  const { family, endpoint, identifier, hadKey } = before;
  // The site's key must not go to a server that is not the site's.
  const keyGoes = !hadKey || endpoint !== present.endpoint;
  await client.updateModel(before.id, {
    ...{ name, model: family, endpoint, identifier: identifier ?? '' },
    ...(keyGoes && { apiToken: '' }),
  });
}

/** `was`: the verdict before undo; absent in a plan. */
function row({ change, setting, before, now, is, why }: Verdict, was?: Verdict): UndoRow {
  const values = { setting, before, now };
  if (is === 'as-before') return { ...values, state: was && was.is !== 'as-before' ? 'put-back' : 'as-before' };
  if (is !== 'left' && !was) return { ...values, state: 'open' };
  return { ...values, state: 'left', why: why ?? 'GitLab did not put it back', byHand: handLine(change) };
}

function keyRows(changes: Change[]): UndoRow[] {
  return changes.flatMap((one): UndoRow[] =>
    hadKey(one)
      ? [{ setting: `${changeName(one)}: API token`, before: 'a key', now: null, state: 'by-hand', why: keyReason }]
      : [],
  );
}

const keyReason = 'it cannot be read from GitLab, and Sealift keeps no copy. Enter the former key in the Admin area';

const shownLines = 40;

function handLines(changes: Change[]): string[] {
  return changes.slice(0, shownLines).map(handLine);
}

function handLine(change: Change): string {
  const value = beforeText(change);
  if (change.kind === 'setting') {
    const place = `Admin > GitLab Duo > Change configuration: the setting ${change.field}`;
    return value === null ? `${place} was empty.` : `${place} was ${value}.`;
  }
  const models = 'Admin > GitLab Duo > Configure models for GitLab Duo';
  if (change.kind === 'feature') return `${models}: ${change.feature} was ${value ?? 'not listed'}.`;
  if (value === null) return `${models}: delete the model ${change.name}, which did not exist.`;
  return `${models}: the model was ${value}${hadKey(change) ? ', with a key that only you know' : ''}.`;
}

function result({ site, client, plan, now, recordFile }: UndoParts, version: string, rows: UndoRow[]): GitlabUndone {
  return {
    site: site.name,
    gitlabUrl: recordPlace({ site, recordFile }).gitlabUrl,
    gitlabVersion: version,
    simulated: site.gitlab.simulated || client.isSimulated,
    planned: plan,
    rows,
    at: now.toISOString(),
  };
}
