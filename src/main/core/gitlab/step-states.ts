import type { StepState } from '../../../shared/contract/gitlab.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { parseGitlabVersion } from '../catalog/gitlab-version.ts';
import { modelNames } from '../sites/site-endpoints.ts';
import type { ErasCatalog } from './eras-catalog.ts';
import type { GraphqlFeature } from './graphql-documents.ts';
import { type NeededStep, neededSteps } from './plan-settings.ts';
import { isStep } from './plan-step.ts';
import type { SettingRow } from './wanted-settings.ts';

type NumberedStep = NeededStep & { number: number };

interface Planned {
  site: SiteFile;
  catalog: ErasCatalog;
}

/** Returns the state of each step of the site's plan that GitLab's settings show, in order. `leftModels`: as in `GitlabState`. */
export function stepStates(
  planned: Planned,
  rows: SettingRow[],
  features: GraphqlFeature[],
  leftModels: readonly string[] = [],
): StepState[] {
  const isOwn = (feature: string) => planned.site.features.some((one) => one === feature.toUpperCase());
  return seenSteps(planned).map(({ id, title, number, checkedBy, of }) => {
    const isOfSettings = checkedBy?.kind === 'settings';
    const own = isOfSettings
      ? rows.filter((row) => checkedBy.of.some((beginning) => isAbout(row, beginning, of)))
      : features.filter(({ feature }) => !isOwn(feature)).map((one) => featureRow(one, leftModels));
    const differing = own.filter((row) => row.now !== row.wanted);
    // Where GitLab lists the site's own features only, there is no rest.
    const isShown = (isOfSettings ? own : features).length > 0;
    const state = !isShown ? 'not-known' : differing.length === 0 ? 'done' : 'open';
    return { id, number, title, state, differing };
  });
}

/**
 * Throws `gitlab.step-unknown` or `gitlab.step-unseen` unless GitLab's settings show this step of the site's plan, which is named by its
 * id or its number.
 */
export function refuseUnseen(planned: Planned & { siteFile: string }, step: string): void {
  const isAsked = (one: NumberedStep) => isStep(one, step);
  const seen = seenSteps(planned);
  if (seen.some(isAsked)) return;
  const { siteFile } = planned;
  const found = allSteps(planned).find(isAsked);
  if (!found)
    throw appError('gitlab.step-unknown', { step, known: seen.map(({ id, number }) => `${id} (${number})`), siteFile });
  throw appError('gitlab.step-unseen', { title: found.title, byProbe: found.checkedBy?.kind === 'hop', siteFile });
}

/** Whether a row is one of those that begin like this, and of that model if the step is about one. */
function isAbout({ setting }: SettingRow, beginning: string, of: NeededStep['of']): boolean {
  if (!setting.startsWith(beginning)) return false;
  if (!of) return true;
  return (
    setting.startsWith(`model ${modelNames(of).modelName}:`) || of.features.some((one) => setting === `feature ${one}`)
  );
}

/** Whether GitLab asks the cloud for a feature, because it has neither a model of its own nor is disabled. */
export function needsCloud({ provider }: GraphqlFeature): boolean {
  return !['self_hosted', 'disabled'].includes(provider.toLowerCase());
}

function seenSteps(planned: Planned): NumberedStep[] {
  return allSteps(planned).filter(({ checkedBy }) => checkedBy && checkedBy.kind !== 'hop');
}

function allSteps({ site, catalog }: Planned): NumberedStep[] {
  const wish = { version: parseGitlabVersion(site.gitlab.version), site };
  return neededSteps(catalog, wish).map((step, at) => ({ ...step, number: at + 1 }));
}

const ownOrNone = 'SELF_HOSTED or DISABLED';

function featureRow(feature: GraphqlFeature, leftModels: readonly string[]): SettingRow {
  const setting = `feature ${feature.feature.toUpperCase()}`;
  const model = feature.selfHostedModel?.name;
  if (model !== undefined && leftModels.includes(model))
    return { setting, now: `SELF_HOSTED ${model}, which this site no longer serves`, wanted: ownOrNone };
  return { setting, now: needsCloud(feature) ? feature.provider.toUpperCase() : ownOrNone, wanted: ownOrNone };
}
