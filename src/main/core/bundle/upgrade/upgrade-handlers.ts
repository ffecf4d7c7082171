import type { planUpgrade as planUpgradeCall } from '../../../../shared/contract/upgrade-plan.ts';
import type { AreaHandlers } from '../../area-handlers.ts';
import { refuseExisting } from '../../files/refuse-existing.ts';
import { writeWhole } from '../../files/write-whole.ts';
import type { CorePorts } from '../../ports.ts';
import { packersTrust } from '../read/packers-trust.ts';
import { readHeld } from '../read/read-held.ts';
import { planUpgrade } from './plan-upgrade.ts';

/** Implements `planUpgrade` of the area `bundle`. */
export function upgradeHandlers(ports: CorePorts): AreaHandlers<{ planUpgrade: typeof planUpgradeCall }> {
  return {
    planUpgrade: async ({ from, to, gitlab, out }) => {
      if (out !== undefined) await refuseExisting('--write', out);
      const held = await readHeld(from, await packersTrust(ports));
      const question = { held, inventory: from, to, gitlab, file: out ?? 'bundle.yaml' };
      const plan = await planUpgrade(question, ports.resources);
      if (out !== undefined) await writeWhole(out, plan.bundle, { mode: 0o644 });
      return plan;
    },
  };
}
