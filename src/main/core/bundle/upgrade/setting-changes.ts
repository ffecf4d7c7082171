import type { SettingStep } from '../../../../shared/contract/gitlab.ts';
import type { UpgradePlan } from '../../../../shared/contract/upgrade-plan.ts';
import { type GitlabVersion, isWithin } from '../../catalog/gitlab-version.ts';
import type { ErasCatalog, GatewayVariablesCatalog } from '../../gitlab/eras-catalog.ts';
import { planSettings } from '../../gitlab/plan-settings.ts';

/** The catalogues of settings, and two versions. */
export interface SettingsQuestion {
  eras: ErasCatalog;
  variables: GatewayVariablesCatalog;
  before: GitlabVersion;
  after: GitlabVersion;
  /** Undefined: unknown, so that steps for it are listed. */
  hasAgentPlatform: boolean | undefined;
}

/** Returns the steps for a GitLab administrator that only one of two versions has. */
export function stepChanges({
  eras,
  variables,
  before,
  after,
  hasAgentPlatform,
}: SettingsQuestion): UpgradePlan['steps'] {
  const unneeded = eras.steps.filter(({ only }) => only === 'agent-platform' && hasAgentPlatform === false);
  const ids = new Set(unneeded.map(({ id }) => id));
  const stepsOf = (version: GitlabVersion) =>
    planSettings(eras, variables, { version }).steps.filter(({ id }) => !ids.has(id));
  const [old, next] = [stepsOf(before), stepsOf(after)];
  return { added: next.filter(isNotIn(old)).map(shown), removed: old.filter(isNotIn(next)).map(shown) };
}

function isNotIn(others: readonly SettingStep[]): (step: SettingStep) => boolean {
  return ({ id }) => !others.some((one) => one.id === id);
}

function shown({ id, title, where, how }: SettingStep): UpgradePlan['steps']['added'][number] {
  return { id, title, where, how };
}

/** Returns the names of the variables that the gateway's container gets in one of two versions only, or with another value. */
export function variableChanges({ variables: catalog, before, after }: SettingsQuestion): UpgradePlan['variables'] {
  const rowsOf = (version: GitlabVersion) =>
    new Map(
      catalog.variables
        .filter((row) => catalog.needs[row.need]?.isSet && isWithin(version, row))
        .map((row) => [row.name, row.value ?? row.secret]),
    );
  const [old, next] = [rowsOf(before), rowsOf(after)];
  return {
    added: [...next.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !next.has(name)),
    changed: [...next].filter(([name, value]) => old.has(name) && old.get(name) !== value).map(([name]) => name),
  };
}

/** Returns the notes about the later version that the earlier one doesn't have. */
export function newNotes({ eras, variables, before, after }: SettingsQuestion): string[] {
  const notesOf = (version: GitlabVersion) => planSettings(eras, variables, { version }).notes;
  const known = notesOf(before).map(({ id }) => id);
  return notesOf(after)
    .filter(({ id, severity }) => !known.includes(id) && severity !== 'green')
    .map(({ text }) => text);
}
