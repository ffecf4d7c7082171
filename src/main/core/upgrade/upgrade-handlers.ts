import type { upgrade } from '../../../shared/contract/upgrade.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { resolveSite } from '../sites/deployed-sites.ts';
import { planSiteUpgrade } from './plan-site-upgrade.ts';
import { rollBack, upgradeSite } from './upgrade-site.ts';

/** Implements the contract's area `upgrade`. */
export function upgradeHandlers(ports: CorePorts): AreaHandlers<typeof upgrade> {
  const known = (site: string) => resolveSite(ports.paths.sites, { site });
  return {
    plan: async ({ site, ...asked }) => planSiteUpgrade(ports, await known(site), asked),
    run: async (request, work) => upgradeSite(ports, await known(request.site), request, work),
    rollback: async ({ site, ...token }, work) => rollBack(ports, await known(site), token, work),
  };
}
