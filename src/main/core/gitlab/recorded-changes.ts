import { type Change, type FeatureChange, keyDigest, type ModelChange } from './apply-record.ts';
import type { DuoField } from './eras-catalog.ts';
import type { GraphqlModel } from './graphql-documents.ts';
import { modelText } from './undo-verdicts.ts';
import { featureOf, featureText, type GitlabState, type WantedModel, type WantedSettings } from './wanted-settings.ts';

/** Returns the Duo settings that apply is about to change, and their values before. */
export function settingChanges({ duoSettings }: WantedSettings, state: GitlabState): Change[] {
  return Object.entries(duoSettings).flatMap(([name, value]): Change[] => {
    const field = name as DuoField;
    const before = state.duoSettings[field] ?? null;
    return before === value ? [] : [{ kind: 'setting', field, before, set: [String(value)] }];
  });
}

/** Returns the model that apply is about to create or change, and its values before (`present`). */
export function modelChange(wanted: WantedModel, present: GraphqlModel | undefined): ModelChange {
  const { name, apiToken } = wanted;
  const before = present && {
    id: present.id,
    family: present.model.toUpperCase(),
    endpoint: present.endpoint,
    identifier: present.identifier ?? null,
    hadKey: present.hasApiToken,
  };
  return {
    kind: 'model',
    name,
    before: before ?? null,
    set: [modelText({ ...wanted, identifier: wanted.identifier ?? present?.identifier })],
    keys: [keyDigest(apiToken ?? '')],
  };
}

/** Returns the features that apply is about to assign to a model, and their models before. */
export function featureChanges({ name, features }: WantedModel, state: GitlabState): FeatureChange[] {
  return features.flatMap((feature): FeatureChange[] => {
    const found = featureOf(state.features, feature);
    const before = found && {
      provider: found.provider,
      ...(found.selfHostedModel && { modelId: found.selfHostedModel.id, modelName: found.selfHostedModel.name }),
    };
    const set = featureText('SELF_HOSTED', name);
    if (before && featureText(before.provider, before.modelName) === set) return [];
    return [{ kind: 'feature', feature, before: before ?? null, set: [set] }];
  });
}
