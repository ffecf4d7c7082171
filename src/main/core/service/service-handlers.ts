import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { service } from '../../../shared/contract/service.ts';
import { steps } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { resolveSite } from '../site/deployed-sites.ts';
import { sitePaths } from '../site/site-paths.ts';
import { installUnit, letLinger, removeUnits } from './change-unit.ts';
import { lingers, type UnitPlace, type UnitScope, unitPlace } from './unit-place.ts';
import { type UnitFacts, unitText } from './unit-text.ts';

/** Implements the contract's area `service`. */
export function serviceHandlers(ports: CorePorts): AreaHandlers<typeof service> {
  const { sites } = homePaths(ports.home);
  const start = (site: string) =>
    [ports.node, join(ports.workers, 'cli.js'), '--home', ports.home, 'start', '--site', site].map(shellWord).join(' ');
  const unit = async (asked: { site: string; scope?: UnitScope | undefined }) => {
    const site = await resolveSite(sites, { site: asked.site });
    const place = unitPlace(site, asked.scope ?? (process.getuid?.() === 0 ? 'system' : 'user'));
    const facts = await unitFacts(ports, site, sitePaths(sites, site).folder);
    return { place, facts, shown: { site, scope: place.scope, path: place.path } };
  };
  return {
    print: async (asked) => {
      const { place, facts, shown } = await unit(asked);
      return { ...shown, text: unitText(place, facts) };
    },
    install: async (asked) => {
      const { place, facts, shown } = await unit(asked);
      await installUnit(place, facts, start(shown.site));
      return { ...shown, findings: await lingerFindings(place) };
    },
    remove: async ({ site: name }) => {
      const site = await resolveSite(sites, { site: name });
      return { site, removed: await removeUnits(site, sitePaths(sites, site).folder) };
    },
  };
}

async function unitFacts(ports: CorePorts, site: string, siteFolder: string): Promise<UnitFacts> {
  const { uid, gid } = await stat(siteFolder);
  return { site, siteFolder, uid, gid, node: ports.node, entry: join(ports.workers, 'service.js') };
}

/** Units of a user start at boot only when that user lingers, as systemd calls it. */
async function lingerFindings({ scope }: UnitPlace): Promise<Finding[]> {
  if (scope === 'system' || (await lingers()) || (await letLinger())) return [];
  return [
    {
      id: 'service.waits-for-login',
      severity: 'amber',
      title: 'After a reboot the service waits until this user logs in',
      remedies: [
        steps(`Let an administrator allow it to start at boot: sudo loginctl enable-linger ${userInfo().username}`),
      ],
    },
  ];
}
