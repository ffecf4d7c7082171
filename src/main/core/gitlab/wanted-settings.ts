import type { SettingState } from '../../../shared/contract/gitlab.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { DuoField } from './eras-catalog.ts';
import type { DuoSettings, GraphqlFeature, GraphqlModel, ModelInput } from './graphql-documents.ts';
import { siteEndpoints } from './site-endpoints.ts';

/** What GitLab holds now, as far as a site is concerned. */
export interface GitlabState {
  duoSettings: DuoSettings;
  model: GraphqlModel | undefined;
  features: GraphqlFeature[];
}

/** What a site wants GitLab to hold. */
export interface WantedSettings {
  duoSettings: Partial<Record<DuoField, string | number | boolean>>;
  model: ModelInput;
  features: SiteFile['features'];
}

/** One setting: its name, the wanted value and the one that GitLab holds, as texts that hold no secret. */
export interface SettingRow {
  setting: string;
  wanted: string;
  now: string | null;
}

/** What a site wants, limited to the fields that this GitLab version has. */
export function wantedSettings(site: SiteFile, fields: DuoField[], apiToken: string): WantedSettings {
  const own = siteEndpoints(site);
  const all: Record<DuoField, string | number | boolean> = {
    aiGatewayUrl: own.gatewayUrl,
    duoAgentPlatformServiceUrl: own.agentPlatformUrl,
    selfHostedDuoAgentPlatformServiceSecure: false,
    aiGatewayTimeoutSeconds: own.timeoutSeconds,
  };
  return {
    duoSettings: Object.fromEntries(fields.map((field) => [field, all[field]])),
    model: {
      name: own.modelName,
      model: site.model.family,
      endpoint: own.modelEndpoint,
      identifier: own.identifier,
      apiToken,
    },
    features: site.features,
  };
}

/** Wanted and present values side by side, in the order in which they are set. */
export function settingRows(wanted: WantedSettings, state: GitlabState): SettingRow[] {
  const duo = Object.entries(wanted.duoSettings).map(([field, value]) => ({
    setting: `duoSettings.${field}`,
    wanted: String(value),
    now: shown(state.duoSettings[field as DuoField]),
  }));
  const { model } = wanted;
  const prefix = `model ${model.name}`;
  return [
    ...duo,
    { setting: `${prefix}: family`, wanted: model.model, now: shown(state.model?.model.toUpperCase()) },
    { setting: `${prefix}: endpoint`, wanted: model.endpoint, now: shown(state.model?.endpoint) },
    { setting: `${prefix}: identifier`, wanted: model.identifier ?? '', now: shown(state.model?.identifier) },
    { setting: `${prefix}: API token`, wanted: tokenWord, now: tokenNow(wanted, state.model) },
    ...wanted.features.map((feature) => ({
      setting: `feature ${feature}`,
      wanted: `SELF_HOSTED ${model.name}`,
      now: featureNow(state.features.find((one) => one.feature.toUpperCase() === feature)),
    })),
  ];
}

/** The rows of the result, from what was read before and after. */
export function settingStates(before: SettingRow[], after: SettingRow[]): SettingState[] {
  return before.map((row) => {
    const now = after.find((one) => one.setting === row.setting)?.now ?? null;
    const state = now !== row.wanted ? 'differs' : row.now === row.wanted ? 'kept' : 'set';
    return { setting: row.setting, before: row.now, after: now, wanted: row.wanted, state };
  });
}

const tokenWord = "the site's key";

function tokenNow(wanted: WantedSettings, model: GraphqlModel | undefined): string | null {
  if (!model?.hasApiToken) return null;
  // A GitLab that no longer tells tokens leaves only the fact that one is set.
  if (typeof model.apiToken !== 'string' || /^\**$/.test(model.apiToken)) return tokenWord;
  return model.apiToken === wanted.model.apiToken ? tokenWord : 'another key';
}

function featureNow(feature: GraphqlFeature | undefined): string | null {
  if (!feature) return null;
  const { selfHostedModel } = feature;
  return selfHostedModel ? `${feature.provider.toUpperCase()} ${selfHostedModel.name}` : feature.provider.toUpperCase();
}

function shown(value: string | number | boolean | null | undefined): string | null {
  return value === null || value === undefined || value === '' ? null : String(value);
}
