import { cloudOf } from '../../../shared/cloud-platforms.ts';
import type { SettingState } from '../../../shared/contract/gitlab.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { modelNames, siteEndpoints, storedEndpoint } from '../sites/site-endpoints.ts';
import type { DuoField } from './eras-catalog.ts';
import type { DuoSettings, GraphqlFeature, GraphqlModel, ModelInput } from './graphql-documents.ts';

/** The settings that GitLab has now, as far as a site is concerned. */
export interface GitlabState {
  duoSettings: DuoSettings;
  /** Those that the site wants, as far as GitLab has them. */
  models: GraphqlModel[];
  /** The names of those that ask this site for something that it does not serve. */
  leftModels: string[];
  features: GraphqlFeature[];
}

/** A model that a site needs in GitLab, and the features that it is assigned to. */
export interface WantedModel extends ModelInput {
  features: SiteFile['features'];
}

/** The settings that a site needs in GitLab. */
export interface WantedSettings {
  duoSettings: Partial<Record<DuoField, string | number | boolean>>;
  models: WantedModel[];
}

/** One setting: its name, the wanted value and GitLab's value, as texts without secrets. */
export interface SettingRow {
  setting: string;
  wanted: string;
  now: string | null;
}

/** The keys that GitLab gives to the gateway: the front's, and those of platforms on the internet by the model's served name. */
export interface ModelKeys {
  apiToken: string;
  platformKeys?: Record<string, string>;
}

/**
 * Returns the settings that a site needs, limited to the fields that this GitLab version has. Throws `gitlab.front-address` when the
 * site file does not say where the gateway reaches the front.
 */
export function wantedSettings(
  site: SiteFile,
  fields: DuoField[],
  { apiToken, platformKeys = {} }: ModelKeys,
): WantedSettings {
  const own = siteEndpoints(site);
  const all: Record<DuoField, string | number | boolean> = {
    aiGatewayUrl: own.gatewayUrl,
    duoAgentPlatformServiceUrl: own.agentPlatformUrl,
    selfHostedDuoAgentPlatformServiceSecure: own.agentPlatformTls,
    aiGatewayTimeoutSeconds: own.timeoutSeconds,
  };
  return {
    duoSettings: Object.fromEntries(fields.map((field) => [field, all[field]])),
    models: modelSites(site).map((one) => {
      const { modelName: name, identifier } = modelNames(one);
      const endpoint = storedEndpoint(one, own);
      if (endpoint === undefined) throw appError('gitlab.front-address', { host: site.front.host });
      // The front's key is for nobody else: an empty one also removes what the model had before.
      const key = cloudOf(one.model) ? (platformKeys[one.model.servedName] ?? '') : apiToken;
      return { name, model: one.model.family, endpoint, identifier, apiToken: key, features: one.features };
    }),
  };
}

/**
 * Returns the names of the models in GitLab that the site served once: they ask its front, under names that none of its models has. A
 * front with one model answers them as if it were theirs.
 */
export function leftModels({ models }: WantedSettings, all: readonly GraphqlModel[]): string[] {
  const isWanted = ({ name, identifier }: GraphqlModel) =>
    models.some((one) => one.name === name || one.identifier === identifier);
  // The address of a platform is not the site's alone.
  const isOurs = ({ endpoint }: GraphqlModel) => models.some((one) => isFronted(one) && one.endpoint === endpoint);
  return all.filter((one) => isOurs(one) && !isWanted(one)).map((one) => one.name);
}

function isFronted({ identifier }: WantedModel): boolean {
  return identifier?.startsWith('custom_openai/') ?? true;
}

/** Returns wanted and present values next to each other, in the order in which they are set. */
export function settingRows(wanted: WantedSettings, state: GitlabState): SettingRow[] {
  const duo = Object.entries(wanted.duoSettings).map(([field, value]) => ({
    setting: `duoSettings.${field}`,
    wanted: String(value),
    now: shown(state.duoSettings[field as DuoField]),
  }));
  return [...duo, ...wanted.models.flatMap((one) => [...modelRows(one, state), ...featureRows(one, state)])];
}

/** Returns the rows of one model's own settings. */
export function modelRows(wanted: WantedModel, { models }: Pick<GitlabState, 'models'>): SettingRow[] {
  const found = models.find((one) => one.name === wanted.name);
  const prefix = `model ${wanted.name}`;
  return [
    { setting: `${prefix}: family`, wanted: wanted.model, now: shown(found?.model.toUpperCase()) },
    { setting: `${prefix}: endpoint`, wanted: wanted.endpoint, now: shown(found?.endpoint) },
    { setting: `${prefix}: identifier`, wanted: wanted.identifier ?? '', now: shown(found?.identifier) },
    { setting: `${prefix}: API token`, wanted: tokenWord(wanted), now: tokenNow(wanted, found) },
  ];
}

/** Returns the rows of the features that one model is assigned to. */
export function featureRows({ name, features }: WantedModel, state: Pick<GitlabState, 'features'>): SettingRow[] {
  return features.map((feature) => ({
    setting: `feature ${feature}`,
    wanted: featureText('SELF_HOSTED', name),
    now: featureNow(state.features, feature),
  }));
}

/** Returns the rows of the result, from the settings read before and after the change. */
export function settingStates(before: SettingRow[], after: SettingRow[]): SettingState[] {
  return before.map((row) => {
    const now = after.find((one) => one.setting === row.setting)?.now ?? null;
    const state = now !== row.wanted ? 'differs' : row.now === row.wanted ? 'kept' : 'set';
    return { setting: row.setting, before: row.now, after: now, wanted: row.wanted, state };
  });
}

function tokenWord(wanted: WantedModel): string {
  if (wanted.apiToken === '') return noToken;
  return isFronted(wanted) ? "the site's key" : "the platform's key";
}

const noToken = 'none';

function tokenNow(wanted: WantedModel, model: GraphqlModel | undefined): string | null {
  if (!model?.hasApiToken) return model && wanted.apiToken === '' ? noToken : null;
  const key = shownKey(model);
  return key === undefined || key === wanted.apiToken ? tokenWord(wanted) : 'another key';
}

/** Returns a model's key where GitLab shows it: some versions show only that there is one. */
export function shownKey({ apiToken }: GraphqlModel): string | undefined {
  return typeof apiToken !== 'string' || /^\**$/.test(apiToken) ? undefined : apiToken;
}

/** Returns a feature as GitLab lists it. */
export function featureOf(features: readonly GraphqlFeature[], name: string): GraphqlFeature | undefined {
  return features.find((one) => one.feature.toUpperCase() === name);
}

/** Returns a feature's provider and model as one text; `null` if GitLab does not list it. */
export function featureNow(features: readonly GraphqlFeature[], name: string): string | null {
  const found = featureOf(features, name);
  return found ? featureText(found.provider, found.selfHostedModel?.name) : null;
}

/** Returns a provider and a model as one text. */
export function featureText(provider: string, modelName: string | undefined): string {
  return modelName === undefined ? provider.toUpperCase() : `${provider.toUpperCase()} ${modelName}`;
}

/** Returns a value as a text; `null` for one that is not set. */
export function shown(value: string | number | boolean | null | undefined): string | null {
  return value === null || value === undefined || value === '' ? null : String(value);
}
