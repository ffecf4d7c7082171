import type { GitlabPlan, SettingStep } from '../../../shared/contract/gitlab.ts';
import { type ModelSite, modelSites } from '../../../shared/model-sites.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { compareVersions, type GitlabVersion, isWithin, versionText } from '../catalog/gitlab-version.ts';
import { loopbackGateway } from '../sites/loopback-gateway.ts';
import type { CatalogStep, ErasCatalog, GatewayVariablesCatalog, Installation } from './eras-catalog.ts';
import { findEra } from './find-era.ts';
import { isOfPlatform } from './gateway-environment.ts';
import { gatewayValue } from './gateway-value.ts';
import { planScript } from './plan-script.ts';
import { copyable, type PlanWish, planValues } from './plan-values.ts';
import { platformNotes } from './platforms.ts';
import { versionFindings } from './version-findings.ts';

/**
 * Returns the steps in order, notes and gateway variables for one GitLab version, with the site's values filled in.
 * Unknown values are shown as `<name>`. Throws like `findEra`, and `input.invalid` for values that are not safe to paste.
 */
export function planSettings(catalog: ErasCatalog, variables: GatewayVariablesCatalog, wish: PlanWish): GitlabPlan {
  const { era } = findEra(catalog, wish.version);
  const installation = installationOf(catalog, wish);
  const filled = (of?: ModelSite) => {
    const values: Record<string, string | undefined> = { ...planValues(wish, of), ...installation };
    return (text: string) => text.replace(/\{\{([\w.]+)\}\}/g, (_, name: string) => values[name] ?? `<${name}>`);
  };
  const fill = filled();
  const needed = neededSteps(catalog, wish);
  const steps = needed.map((step, at) => filledStep(step, at + 1, filled(step.of)));
  const script = planScript(
    steps.filter((_, at) => isOnGitlab(needed[at])),
    installation.run,
  );
  return {
    gitlabVersion: versionText(wish.version),
    era: { id: era.id, title: era.title, canApply: era.canApply, source: era.source },
    installation: { id: installation.id, title: installation.title },
    simulated: wish.site?.gitlab.simulated ?? false,
    fork: catalog.fork,
    notes: [...planNotes(catalog, wish), ...installationNote(installation)],
    steps,
    ...(script !== undefined && { script }),
    logging: planLogging(catalog, wish.version, fill),
    gatewayVariables: variables.variables
      .filter((one) => isWithin(wish.version, one) && isOfPlatform(one, wish.site))
      .flatMap(({ from: _from, to: _to, platform: _platform, key, value, ...one }) => {
        if (key !== undefined) return [{ ...one, secret: `gateway.aws.${key} of the site file` }];
        if (value === undefined) return [one];
        if (!wish.site) return [{ ...one, value: fill(value) }];
        const filled = gatewayValue(value, wish.site);
        return filled === undefined ? [] : [{ ...one, value: copyable(one.name, filled) }];
      }),
  };
}

/** A step of a plan. `of` is the model that it is about, where the site file has a list of models. */
export type NeededStep = CatalogStep & { of?: ModelSite };

/**
 * Returns the steps that a version and a site need, in order, with `checkedBy` only where Sealift can check that version. A step about a
 * model is repeated for each of a list. Throws like `findEra`.
 */
export function neededSteps(catalog: ErasCatalog, wish: PlanWish): NeededStep[] {
  const { era } = findEra(catalog, wish.version);
  return era.steps
    .flatMap((id) => catalog.steps.filter((step) => step.id === id))
    .filter((step) => isWithin(wish.version, step))
    .filter((step) => step.installations?.includes(installationOf(catalog, wish).id) ?? true)
    .flatMap((step) => ofModels(step, catalog, wish.site))
    .filter((step) => isNeeded(step, catalog, wish))
    .map(({ checkedBy, ...step }) => {
      const isVisible = checkedBy && (era.canApply || checkedBy.kind === 'hop');
      return isVisible ? { ...step, checkedBy } : step;
    });
}

/** Whether a step is done with commands on GitLab's machine. */
function isOnGitlab(step: NeededStep | undefined): boolean {
  if (step?.appliesBy !== 'shell') return false;
  return step.installations !== undefined || step.how.some((line) => line.includes('{{run}}'));
}

type Fill = (text: string) => string;

function filledStep(
  { from: _from, to: _to, only: _only, installations: _installations, of: _of, undo, ...step }: NeededStep,
  number: number,
  say: Fill,
): SettingStep {
  return {
    ...step,
    number,
    where: say(step.where),
    how: step.how.map(say),
    check: step.check.map(say),
    expected: say(step.expected),
    ...(undo && { undo: undo.map(say) }),
  };
}

function planLogging(
  { logging: { switches, logs } }: ErasCatalog,
  version: GitlabVersion,
  say: Fill,
): GitlabPlan['logging'] {
  const [found] = switches.filter((one) => isWithin(version, one));
  if (!found) return { logs };
  const { from: _from, to: _to, ...known } = found;
  const commands = { on: known.on.map(say), off: known.off.map(say), check: known.check.map(say) };
  return { switch: { ...known, ...commands, where: say(known.where) }, logs };
}

/** Returns how the commands of a wish's GitLab are run. */
function installationOf({ installations }: ErasCatalog, wish: PlanWish): Installation {
  const id = wish.installation ?? wish.site?.gitlab.installation ?? 'linux-package';
  const found = installations.find((one) => one.id === id);
  if (!found) throw new Error(`eras.yaml has no installation ${id}`);
  return found;
}

function installationNote({ note, source }: Installation): GitlabPlan['notes'] {
  return note === undefined ? [] : [{ id: 'installation', severity: 'green', text: note, source }];
}

function ofModels(step: CatalogStep, catalog: ErasCatalog, site: SiteFile | undefined): NeededStep[] {
  if (!site?.models) return [step];
  // Done once, whichever model needs it.
  if (step.only === 'beta-family')
    return modelSites(site)
      .filter((of) => isBeta(of, catalog))
      .slice(0, 1)
      .map((of) => ({ ...step, of }));
  if (![...step.how, step.expected].some((text) => text.includes('{{modelName}}'))) return [step];
  return modelSites(site).map((of) => {
    const { servedName } = of.model;
    return { ...step, id: `${step.id}-${servedName}`, title: `${step.title}: ${servedName}`, of };
  });
}

function isNeeded({ only, of }: NeededStep, catalog: ErasCatalog, { site }: PlanWish): boolean {
  if (!only || !site) return true;
  if (only === 'agent-platform') return site.features.includes('DUO_AGENT_PLATFORM');
  return (of ? [of] : modelSites(site)).some((one) => isBeta(one, catalog));
}

function isBeta({ model }: ModelSite, { families }: ErasCatalog): boolean {
  return families.some((family) => family.id === model.family && family.state === 'beta');
}

function planNotes(catalog: ErasCatalog, { version, site }: PlanWish): GitlabPlan['notes'] {
  const notes: GitlabPlan['notes'] = catalog.notes
    .filter((note) => isWithin(version, note))
    .map(({ id, severity, text, source }) => ({ id, severity, text, source }));
  for (const { title, consequence } of versionFindings(catalog, version)) {
    const text = `${title}. ${consequence} Compare each step with the documentation of your GitLab.`;
    notes.unshift({ id: 'newer-than-read', severity: 'amber', text, source: 'eras.yaml newestRead' });
  }
  const loopback = site && loopbackGateway(site);
  if (loopback) {
    notes.unshift({
      id: 'gateway-loopback',
      severity: 'amber',
      text: `${loopback.problem}. ${loopback.advice}`,
      source: 'install_ai_gateway.md; EE ai/setting.rb',
    });
  }
  const families = new Set(site ? modelSites(site).map(({ model }) => model.family) : []);
  return [
    ...(site ? platformNotes(catalog, site, version) : []),
    ...catalog.families.filter((one) => families.has(one.id)).flatMap((one) => familyNotes(one, version)),
    ...notes,
  ];
}

function familyNotes(
  { id, since, to, source }: ErasCatalog['families'][number],
  version: GitlabVersion,
): GitlabPlan['notes'] {
  const known = versionText(version);
  if (compareVersions(version, since) < 0) {
    const text = `GitLab ${known} does not know the family ${id}: it came with ${since}. Choose another family or upgrade.`;
    return [{ id: 'family-too-new', severity: 'red', text, source }];
  }
  if (to === undefined || compareVersions(version, to) <= 0) return [];
  const text = `GitLab ${known} no longer knows the family ${id}: ${to} was the last. Choose another family.`;
  return [{ id: 'family-gone', severity: 'red', text, source }];
}
