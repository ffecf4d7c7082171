import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { unit } from '../../../../shared/contract/unit.ts';
import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { shellWord } from '../../../../shared/shell-word.ts';
import type { AreaHandlers } from '../../area-handlers.ts';
import type { CorePorts } from '../../ports.ts';
import { keyVariables } from '../../serving/parts/parts.ts';
import { readServicePlan } from '../../serving/parts/read-service-plan.ts';
import { resolveSite } from '../../sites/deployed-sites.ts';
import { sitePaths } from '../../sites/site-paths.ts';
import { installUnit, letLinger, removeUnits } from './change-unit.ts';
import { loadedUnit } from './control-unit.ts';
import { installedLauncher } from './installed-launcher.ts';
import { otherUnit } from './other-unit.ts';
import { lingers, type UnitPlace, type UnitScope, unitPlace } from './unit-place.ts';
import { type UnitFacts, unitExposure, unitText } from './unit-text.ts';

const usual = process.platform === 'darwin' ? 'launchd' : process.platform === 'win32' ? 'windows' : 'systemd';

/** Implements the contract's area `unit`. */
export function unitHandlers(ports: CorePorts): AreaHandlers<typeof unit> {
  const { sites } = ports.paths;
  const start = async (site: string) => {
    const link = await installedLauncher(ports.node);
    const program = link ? [link] : [ports.node, join(ports.workers, 'cli.js')];
    return [...program, '--home', ports.paths.home, 'start', '--site', site].map(shellWord).join(' ');
  };
  const planned = async (asked: { site: string; scope?: UnitScope | undefined }) => {
    const { name: site, folder } = await resolveSite(sites, asked);
    const place = unitPlace(site, asked.scope ?? (process.getuid?.() === 0 ? 'system' : 'user'));
    const facts = await unitFacts(ports, site, folder);
    return { place, facts, shown: { site, scope: place.scope, path: place.path } };
  };
  return {
    print: async ({ format = usual, ...asked }) => {
      const { place, facts, shown } = await planned(asked);
      if (format === 'systemd') return { ...shown, format, text: unitText(place, facts) };
      return { ...shown, format, ...otherUnit(format, { ...facts, scope: place.scope }, userInfo()) };
    },
    install: async (asked, { signal }) => {
      const { place, facts, shown } = await planned(asked);
      await installUnit(place, facts, await start(shown.site), signal);
      return {
        ...shown,
        exposure: unitExposure[shown.scope],
        findings: [
          ...(await lingerFindings(place)),
          ...(await keyFindings(facts)),
          ...(await chargeFindings(place, facts, signal)),
        ],
      };
    },
    remove: async (asked, { signal }) => {
      const { name: site, folder } = await resolveSite(sites, asked);
      return { site, removed: await removeUnits(site, folder, signal) };
    },
  };
}

/** An installed Sealift is named by its link, which stays when it is updated. */
async function unitFacts(ports: CorePorts, site: string, siteFolder: string): Promise<UnitFacts> {
  const { uid, gid } = await stat(siteFolder);
  const link = await installedLauncher(ports.node);
  const program = link ? [link, 'run-service'] : [ports.node, join(ports.workers, 'service.js')];
  return { site, siteFolder, uid, gid, program };
}

/** Units of a user start at boot only when that user lingers, as systemd calls it. */
async function lingerFindings({ scope }: UnitPlace): Promise<Finding[]> {
  if (scope === 'system' || (await lingers()) || (await letLinger())) return [];
  return [
    {
      id: 'unit.waits-for-login',
      severity: 'amber',
      title: 'After a reboot the service starts only when this user logs in',
      remedies: [
        steps(`Ask an administrator to let it start at boot: sudo loginctl enable-linger ${userInfo().username}`),
      ],
    },
  ];
}

/** systemd starts the service without the variables of the shell that deployed it. */
async function keyFindings({ siteFolder }: UnitFacts): Promise<Finding[]> {
  const { servicePlan } = sitePaths(dirname(siteFolder), basename(siteFolder));
  // What is wrong with a plan is reported by whatever starts it.
  const read = await readServicePlan(servicePlan).catch(() => undefined);
  return keyVariables(read?.plan.parts ?? []).map((variable) => ({
    id: 'unit.key-variable',
    severity: 'amber',
    title: `A unit does not have ${variable}, which holds the key of a model server`,
    consequence: 'When systemd starts the site, the front does not start, and GitLab Duo gets no answers.',
    remedies: [
      steps(
        'Write the key to a file of mode 0600, owned by the user of the service.',
        'In site.yaml, name that file: endpointKey: { file: /path }. Then deploy again.',
      ),
    ],
  }));
}

/** What runs already is not systemd's until it is started again. */
async function chargeFindings(
  { name, scope }: UnitPlace,
  { site, siteFolder }: UnitFacts,
  signal: AbortSignal,
): Promise<Finding[]> {
  const unit = await loadedUnit({ name: site, folder: siteFolder }, signal);
  if (unit?.name !== name || unit.scope !== scope || unit.hasProcess) return [];
  return [
    {
      id: 'unit.starts-at-boot',
      severity: 'amber',
      title: `systemd takes charge of ${site} only at the next boot`,
      consequence: 'Until then, nothing restarts the service if it dies.',
      remedies: [steps(`Let systemd start it now: sealift restart --site ${site}`)],
    },
  ];
}
