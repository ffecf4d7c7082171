import type { ModelFeature } from '../../../../shared/contract/models.ts';
import type { UpgradePlan } from '../../../../shared/contract/upgrade-plan.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { featureLabels } from '../../../../shared/feature-labels.ts';
import { featureNames, type SiteNeeds } from '../../../../shared/site-needs.ts';
import { compareVersions, gatewayTag, parseGitlabVersion, versionText } from '../../catalog/gitlab-version.ts';
import { modelsOf, notesFor, type PageModel } from '../../catalog/list-models.ts';
import { pageFor } from '../../catalog/page-for-version.ts';
import { loadGatewayVariables } from '../../gitlab/eras-catalog.ts';
import { findEra } from '../../gitlab/find-era.ts';
import { upgradeStops } from '../../gitlab/upgrade-stops.ts';
import { neededImages } from '../needs/needed-images.ts';
import { type NeedsQuestion, needsQuestion } from '../needs/needs-question.ts';
import type { Held } from '../read/read-held.ts';
import { imageChanges } from './image-changes.ts';
import { modelChange, modelNamed, newModels, type Pages, rowOn } from './model-changes.ts';
import { newNotes, type SettingsQuestion, stepChanges, variableChanges } from './setting-changes.ts';
import { type SiteBefore, siteBefore } from './site-before.ts';
import { upgradeBundle } from './upgrade-bundle.ts';

/** What an upgrade is planned from. */
export interface UpgradeQuestion {
  held: Held;
  /** The path of the inventory. */
  inventory: string;
  to: string;
  /** The site's version, when a person gave it. */
  gitlab: string | undefined;
  /** Where the bundle's description will be. */
  file: string;
}

/** Plans the upgrade of a site, as in the contract. Asks no host. */
export async function planUpgrade(question: UpgradeQuestion, resources: string): Promise<UpgradePlan> {
  const { held, inventory, file } = question;
  const before = siteBefore(held, question.gitlab, inventory);
  const to = laterVersion(question.to, before);
  const { engine, features, fips, gitlab, basis } = before;
  const needs = await needsQuestion({ gitlab: to, engine, features, fips }, undefined, resources);
  const pages: Pages = { catalog: needs.catalog, before: pageFor(needs.catalog, gitlab), after: needs.chosen };
  const settings: SettingsQuestion = {
    eras: needs.eras,
    variables: await loadGatewayVariables(resources),
    before: parseGitlabVersion(gitlab),
    after: parseGitlabVersion(to),
    hasAgentPlatform: held.site && features.includes('agent-platform'),
  };
  const kept = keptModels(needs, before);
  const found = kept.map((one) => ({ ...one, gguf: undefined, why: [] }));
  const site = siteAfter(needs, kept);
  // What the bundle leaves out needs no images.
  const carried = { ...needs, site, features: site.features.map((name) => featureNames[name]) };
  const { images: needed, byHand } = neededImages(carried, found);
  const images = imageChanges(needed, before);
  const pageNotes = notesFor(needs.catalog, needs.chosen, needs.features);
  const plan = {
    from: { gitlab, basis },
    to,
    ...orderOf(settings),
    models: before.models.map((name) => modelChange(pages, name)),
    newModels: newModels(pages),
    images,
    byHand: byHand.map(({ title, how }) => ({ title, how })),
    steps: stepChanges(settings),
    variables: variableChanges(settings),
    notes: [...before.notes, ...lostNotes(needs, kept, before), ...pageNotes, ...newNotes(settings)],
    carry: carryOf(images, byHand),
  };
  return { ...plan, bundle: upgradeBundle(site, plan, { inventory, file }) };
}

/** Returns the version to upgrade to as `19.2`. Throws `input.invalid` for one that is not later. */
function laterVersion(to: string, { gitlab, basis }: SiteBefore): string {
  const version = parseGitlabVersion(to);
  if (compareVersions(version, gitlab) > 0) return versionText(version);
  const issue = `${to} is no later minor version than ${gitlab}, which the site has ${basis}`;
  throw appError('input.invalid', { what: '--to', issues: [issue] });
}

function orderOf({ eras, before, after }: SettingsQuestion): Pick<UpgradePlan, 'eras' | 'order' | 'orderSource'> {
  const stops = [...upgradeStops(eras, before, after), { version: versionText(after), only: undefined }];
  return {
    eras: { before: findEra(eras, before).era.title, after: findEra(eras, after).era.title },
    order: stops.map(({ version, only }) => {
      const tag = gatewayTag(parseGitlabVersion(version));
      return { gitlab: version, gatewayTag: tag, ...(only !== undefined && { only }) };
    }),
    orderSource: eras.upgradeStops.source,
  };
}

function carryOf(images: UpgradePlan['images'], byHand: readonly { title: string }[]): UpgradePlan['carry'] {
  const lacking = images.filter(({ isHeld }) => !isHeld);
  return {
    knownBytes: lacking.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    unknown: [...lacking.filter(({ bytes }) => bytes === null), ...byHand].map(({ title }) => title),
  };
}

/** The site's models that the target's page lists for at least one of the site's features. */
function keptModels({ catalog, chosen, features }: NeedsQuestion, { models }: SiteBefore): PageModel[] {
  const ids = models.flatMap((name) => modelNamed(catalog, name)?.id ?? []);
  const wanted = features.length > 0 ? features.map((one) => [one]) : [[]];
  const served = wanted.flatMap((some) => modelsOf(catalog, chosen, some, 'self-hosted'));
  return served.filter(
    ({ model }, at) => ids.includes(model.id) && served.findIndex((one) => one.model.id === model.id) === at,
  );
}

/** As many may be named in a description. */
const maxModels = 4;

/** What packing by needs accepts: a model server needs a model that the target lists, and a feature one that serves it. */
function siteAfter({ site, ...rest }: NeedsQuestion, kept: readonly PageModel[]): SiteNeeds {
  if (kept.length === 0 || site.engine === 'none') return { ...site, engine: 'none' };
  const features = site.features.filter((name) => isServed(rest, kept, featureNames[name]));
  return { ...site, features, models: kept.slice(0, maxModels).map(({ model }) => model.id) };
}

function isServed(
  { catalog, chosen }: Pick<NeedsQuestion, 'catalog' | 'chosen'>,
  kept: readonly PageModel[],
  feature: ModelFeature,
): boolean {
  const able = modelsOf(catalog, chosen, [feature], 'self-hosted');
  return able.some((one) => kept.some(({ model }) => model.id === one.model.id));
}

/** What the site has and the bundle does not bring again, because GitLab lists no model of the site for it. */
function lostNotes(needs: NeedsQuestion, kept: readonly PageModel[], before: SiteBefore): string[] {
  const { site, features } = needs;
  if (site.engine === 'none') return [];
  const change = `name other models under site: sealift models --gitlab ${site.gitlab}`;
  const rated = (some: readonly ModelFeature[]) =>
    `GitLab ${site.gitlab} rates no model of this site that Sealift knows as fit for ${some.map((one) => `${featureLabels[one]}${wordsFor(needs, before, one)}`).join(', ') || 'its features'}`;
  if (kept.length === 0)
    return [
      `${rated(features)}, so the bundle brings no model server. To bring one, set engine: ${site.engine}, and ${change}`,
    ];
  const lost = features.filter((feature) => !isServed(needs, kept, feature));
  const more = kept
    .slice(maxModels)
    .map(({ row }) => `A description names ${maxModels} models, so ${row.name} is left out.`);
  if (lost.length === 0) return more;
  return [...more, `${rated(lost)}, so the bundle leaves that out. To keep it, ${change}`];
}

/** GitLab's words for the models of a site that its page lists: they are more than nothing, and less than needed. */
function wordsFor({ catalog, chosen }: NeedsQuestion, { models }: SiteBefore, feature: ModelFeature): string {
  const words = models.flatMap((name) => {
    const model = modelNamed(catalog, name);
    const row = model && rowOn(model, chosen);
    return row?.[feature] ? [`${row.name}: ${row[feature]}`] : [];
  });
  return words.length > 0 ? ` (${[...new Set(words)].join(', ')})` : '';
}
