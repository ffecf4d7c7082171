import type { GitlabResult } from '../../../shared/contract/gitlab.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { modelField, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { compareVersions, type GitlabVersion, isWithin, parseGitlabVersion } from '../catalog/gitlab-version.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';
import type { Work } from '../work.ts';
import { type Change, hadKey, type RecordPlace, readChanges, recordAround } from './apply-record.ts';
import type { DuoField, Era, ErasCatalog } from './eras-catalog.ts';
import { findEra } from './find-era.ts';
import type { GitlabClient } from './gitlab-client.ts';
import { unlistedPlatforms } from './platforms.ts';
import { featureChanges, modelChange, settingChanges } from './recorded-changes.ts';
import { needsCloud, stepStates } from './step-states.ts';
import { changeName } from './undo-verdicts.ts';
import {
  featureRows,
  type GitlabState,
  leftModels,
  type ModelKeys,
  modelRows,
  type SettingRow,
  settingRows,
  settingStates,
  type WantedModel,
  type WantedSettings,
  wantedSettings,
} from './wanted-settings.ts';

/** Input for applying or comparing settings. */
export interface ApplyParts extends ModelKeys {
  site: SiteFile;
  siteFile: string;
  catalog: ErasCatalog;
  client: GitlabClient;
  work: Work;
  now: Date;
  /** Where the state before the changes is recorded for undo. */
  recordFile: string;
}

/**
 * Changes the settings that differ, reads everything back and compares. Safe to repeat: a second run changes nothing.
 * Throws before the first change if the version, the era or the model family does not allow it.
 */
export async function applySettings(parts: ApplyParts): Promise<GitlabResult> {
  const { client } = parts;
  const { wanted, fields, version } = await prepare(parts);
  begin(parts, 'read', 'Read the present settings');
  const state = await readState(client, wanted, fields);
  const before = settingRows(wanted, state);
  await setDiffering(parts, wanted, fields, state, before);
  begin(parts, 'read-back', 'Read back and compare');
  const after = await readState(client, wanted, fields);
  const set = result(parts, version, before, settingRows(wanted, after), after);
  return { ...set, notes: [...set.notes, ...keyNotes(await readChanges(recordPlace(parts)))] };
}

/** Reads and compares the settings without changing them. */
export async function checkSettings(parts: ApplyParts): Promise<GitlabResult> {
  const { wanted, fields, version } = await prepare(parts);
  begin(parts, 'read', 'Read the present settings');
  const state = await readState(parts.client, wanted, fields);
  const rows = settingRows(wanted, state);
  return result(parts, version, rows, rows, state);
}

function begin({ site, work }: ApplyParts, id: string, title: string): void {
  work.step(id, `${site.gitlab.simulated ? 'SIMULATED ' : ''}${title}`);
}

async function prepare(parts: ApplyParts): Promise<{ wanted: WantedSettings; fields: DuoField[]; version: string }> {
  const { site, siteFile, catalog, client, work } = parts;
  const { era } = findEra(catalog, parseGitlabVersion(site.gitlab.version));
  if (!era.canApply) throw appError('gitlab.apply-by-hand', { version: site.gitlab.version, siteFile });
  begin(parts, 'version', 'Ask GitLab for its version');
  const version = await client.version();
  if (client.isSimulated || site.gitlab.simulated) work.warn('SIMULATED: a stand-in plays GitLab');
  checkVersion(parts, version, era);
  const real = parseGitlabVersion(version);
  const fields = duoFields(catalog, real);
  return { wanted: wantedSettings(site, fields, parts), fields, version };
}

/** Returns the Duo settings that a version of GitLab has. */
export function duoFields(catalog: ErasCatalog, version: GitlabVersion): DuoField[] {
  return catalog.duoSettings.filter((one) => isWithin(version, { from: one.since })).map((one) => one.field);
}

function checkVersion({ site, siteFile, catalog }: ApplyParts, found: string, expected: Era): void {
  const real = parseGitlabVersion(found);
  const { era } = findEra(catalog, real);
  if (era.id !== expected.id)
    throw appError('gitlab.version-mismatch', { found, expected: `${site.gitlab.version} (${expected.id})`, siteFile });
  const [platform] = unlistedPlatforms(catalog, site, real);
  if (platform) throw appError('gitlab.platform-too-new', { ...platform, version: found });
  for (const one of modelSites(site)) {
    const field = modelField(one, 'family');
    const family = catalog.families.find(({ id }) => id === one.model.family);
    if (family && compareVersions(real, family.since) < 0)
      throw appError('gitlab.family-too-new', { field, family: family.id, since: family.since, version: found });
    if (family?.to && compareVersions(real, family.to) > 0)
      throw appError('gitlab.family-gone', { field, family: family.id, to: family.to, version: found });
  }
}

async function readState(client: GitlabClient, wanted: WantedSettings, fields: DuoField[]): Promise<GitlabState> {
  const duoSettings = await client.duoSettings(fields);
  const names = wanted.models.map((one) => one.name);
  const all = await client.models();
  const models = all.filter((one) => names.includes(one.name));
  return { duoSettings, models, leftModels: leftModels(wanted, all), features: await client.features() };
}

async function setDiffering(
  parts: ApplyParts,
  wanted: WantedSettings,
  fields: DuoField[],
  state: GitlabState,
  rows: SettingRow[],
): Promise<void> {
  const { client } = parts;
  if (differ(rows.filter((row) => row.setting.startsWith('duoSettings.')))) {
    begin(parts, 'gateway', 'Set the addresses of gateway and Agent Platform');
    await recordAround(
      recordPlace(parts),
      settingChanges(wanted, state),
      async () => void (await client.updateDuoSettings(fields, wanted.duoSettings)),
    );
  }
  for (const one of wanted.models) await setModel(parts, one, state);
}

async function setModel(parts: ApplyParts, wanted: WantedModel, state: GitlabState): Promise<void> {
  const { client, site } = parts;
  const { features, ...input } = wanted;
  const ofModel = site.models ? `-${wanted.name}` : '';
  const present = state.models.find((one) => one.name === wanted.name);
  let modelId = present?.id;
  if (differ(modelRows(wanted, state))) {
    begin(parts, `model${ofModel}`, `${modelId ? 'Change' : 'Add'} the model ${wanted.name}`);
    await recordAround(recordPlace(parts), [modelChange(wanted, present)], async () => {
      if (modelId) await client.updateModel(modelId, input);
      else await client.createModel(input);
      modelId ??= (await client.models()).find((one) => one.name === wanted.name)?.id;
      return modelId;
    });
  }
  const id = modelId;
  if (id && differ(featureRows(wanted, state))) {
    begin(parts, `features${ofModel}`, `Assign ${features.join(', ')}`);
    await recordAround(
      recordPlace(parts),
      featureChanges(wanted, state),
      async () => void (await client.assign(features, id)),
    );
  }
}

/** Where a site's changes in its GitLab are recorded. */
export function recordPlace({ recordFile, site }: Pick<ApplyParts, 'recordFile' | 'site'>): RecordPlace {
  return { file: recordFile, gitlabUrl: siteEndpoints(site).gitlabUrl };
}

function differ(rows: readonly SettingRow[]): boolean {
  return rows.some((row) => row.now !== row.wanted);
}

function result(
  { site, client, catalog, now }: ApplyParts,
  version: string,
  before: SettingRow[],
  after: SettingRow[],
  state: GitlabState,
): GitlabResult {
  return {
    site: site.name,
    gitlabUrl: siteEndpoints(site).gitlabUrl,
    gitlabVersion: version,
    era: findEra(catalog, parseGitlabVersion(version)).era.id,
    simulated: site.gitlab.simulated || client.isSimulated,
    applied: settingStates(before, after),
    steps: stepStates({ site, catalog }, after, state.features, state.leftModels),
    notes: [...vendoredNotes(state), ...leftNotes(state)],
    at: now.toISOString(),
  };
}

function vendoredNotes({ features }: GitlabState): GitlabResult['notes'] {
  const open = features.filter(needsCloud);
  if (open.length === 0) return [];
  const names = open.map((one) => one.feature.toUpperCase()).join(', ');
  const text = `Features without a model of yours: ${names}. Assign or disable them in Admin > GitLab Duo, else GitLab's health check asks the cloud and fails offline.`;
  return [{ severity: 'amber', text }];
}

/** Names the models that people still get under their old names although the site no longer serves them. */
function leftNotes({ leftModels, features }: GitlabState): GitlabResult['notes'] {
  if (leftModels.length === 0) return [];
  const models = leftModels.map((name) => {
    const own = features.filter((one) => one.selfHostedModel?.name === name);
    return own.length === 0 ? name : `${name} (for ${own.map((one) => one.feature.toUpperCase()).join(', ')})`;
  });
  const text = `GitLab has models of this site that it no longer serves: ${models.join(', ')}. In Admin > GitLab Duo, assign their features to another model or disable them, then delete them there.`;
  return [{ severity: 'amber', text }];
}

/** A key that was replaced is the one thing that undo can't put back. */
function keyNotes(changes: Change[]): GitlabResult['notes'] {
  return changes.filter(hadKey).map((one) => ({
    severity: 'amber',
    text: `The key that the ${changeName(one)} had is replaced. Sealift keeps no copy of it, so gitlab undo cannot put it back.`,
  }));
}
