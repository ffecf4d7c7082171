import type { GitlabPlan, SettingStep } from '../../../shared/contract/gitlab.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { compareVersions, type GitlabVersion, isWithin, versionText } from '../catalog/gitlab-version.ts';
import { loopbackGateway } from '../sites/loopback-gateway.ts';
import { siteEndpoints } from '../sites/site-endpoints.ts';
import type { CatalogStep, ErasCatalog, GatewayVariablesCatalog } from './eras-catalog.ts';
import { findEra } from './find-era.ts';
import { gatewayValue } from './gateway-value.ts';
import { versionFindings } from './version-findings.ts';

/** Input of the plan: a version, and a site or a gateway URL if known. */
export interface PlanWish {
  version: GitlabVersion;
  site?: SiteFile | undefined;
  gatewayUrl?: string | undefined;
}

/**
 * Returns the steps in order, notes and gateway variables for one GitLab version, with the site's values filled in.
 * Unknown values are shown as `<name>`. Throws like `findEra`, and `input.invalid` for values that are not safe to paste.
 */
export function planSettings(catalog: ErasCatalog, variables: GatewayVariablesCatalog, wish: PlanWish): GitlabPlan {
  const { era } = findEra(catalog, wish.version);
  const values = planValues(wish);
  const fill = (text: string) => text.replace(/\{\{([\w.]+)\}\}/g, (_, name: string) => values[name] ?? `<${name}>`);
  const steps = neededSteps(catalog, wish).map(
    ({ from: _from, to: _to, only: _only, ...step }, at): SettingStep => ({
      ...step,
      number: at + 1,
      how: step.how.map(fill),
      check: step.check.map(fill),
      expected: fill(step.expected),
    }),
  );
  return {
    gitlabVersion: versionText(wish.version),
    era: { id: era.id, title: era.title, canApply: era.canApply, source: era.source },
    simulated: wish.site?.gitlab.simulated ?? false,
    fork: catalog.fork,
    notes: planNotes(catalog, wish),
    steps,
    logging: planLogging(catalog, wish.version),
    gatewayVariables: variables.variables
      .filter((one) => isWithin(wish.version, one))
      .flatMap(({ from: _from, to: _to, value, ...one }) => {
        if (value === undefined) return [one];
        if (!wish.site) return [{ ...one, value: fill(value) }];
        const filled = gatewayValue(value, wish.site);
        return filled === undefined ? [] : [{ ...one, value: copyable(one.name, filled) }];
      }),
  };
}

/** Returns the steps that a version and a site need, in order, with `checkedBy` only where Sealift can check that version. Throws like `findEra`. */
export function neededSteps(catalog: ErasCatalog, wish: PlanWish): CatalogStep[] {
  const { era } = findEra(catalog, wish.version);
  return era.steps
    .flatMap((id) => catalog.steps.filter((step) => step.id === id))
    .filter((step) => isWithin(wish.version, step) && isNeeded(step.only, catalog, wish))
    .map(({ checkedBy, ...step }) => {
      const isVisible = checkedBy && (era.canApply || checkedBy.kind === 'hop');
      return isVisible ? { ...step, checkedBy } : step;
    });
}

function planLogging({ logging: { switches, logs } }: ErasCatalog, version: GitlabVersion): GitlabPlan['logging'] {
  const [found] = switches.filter((one) => isWithin(version, one));
  if (!found) return { logs };
  const { from: _from, to: _to, ...known } = found;
  return { switch: known, logs };
}

function isNeeded(
  only: 'agent-platform' | 'beta-family' | undefined,
  catalog: ErasCatalog,
  { site }: PlanWish,
): boolean {
  if (!only || !site) return true;
  if (only === 'agent-platform') return site.features.includes('DUO_AGENT_PLATFORM');
  return catalog.families.some((family) => family.id === site.model.family && family.state === 'beta');
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
  const family = catalog.families.find((one) => one.id === site?.model.family);
  if (family && compareVersions(version, family.since) < 0) {
    const text = `GitLab ${versionText(version)} does not know the family ${family.id}: it came with ${family.since}. Choose another family or upgrade.`;
    notes.unshift({ id: 'family-too-new', severity: 'red', text, source: family.source });
  }
  if (family?.to && compareVersions(version, family.to) > 0) {
    const text = `GitLab ${versionText(version)} no longer knows the family ${family.id}: ${family.to} was the last. Choose another family.`;
    notes.unshift({ id: 'family-gone', severity: 'red', text, source: family.source });
  }
  return notes;
}

function planValues({ site, gatewayUrl }: PlanWish): Record<string, string> {
  const own = site && siteEndpoints(site);
  const gateway = gatewayUrl ?? own?.gatewayUrl;
  const values: Record<string, string> = {
    ...(gateway && { gatewayUrl: copyable('gateway URL', gateway.replace(/\/+$/, '')), gatewayHost: hostOf(gateway) }),
    ...(own &&
      site && {
        agentPlatformUrl: own.agentPlatformUrl,
        agentPlatformTls: String(own.agentPlatformTls),
        gitlabUrl: own.gitlabUrl,
        modelName: own.modelName,
        family: site.model.family,
        familyLower: site.model.family.toLowerCase(),
        ...(own.modelEndpoint && { endpoint: own.modelEndpoint }),
        identifier: own.identifier,
        features: site.features.join(', '),
        timeoutSeconds: String(own.timeoutSeconds),
      }),
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, copyable(name, value)]));
}

// These values appear in commands that people paste into a root shell.
function copyable(name: string, value: string): string {
  if (/^[\w.:/@%[\], -]*$/.test(value)) return value;
  throw appError('input.invalid', {
    what: name,
    issues: ['has characters that do not belong into a host name or URL'],
  });
}

function hostOf(url: string): string {
  try {
    const { host, protocol } = new URL(url);
    if (host && (protocol === 'http:' || protocol === 'https:')) return host;
  } catch {
    // falls through: not a URL
  }
  throw appError('input.invalid', { what: 'gateway URL', issues: ['write it as http://host:5052'] });
}
