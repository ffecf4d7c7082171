import type { hardware } from '../../../shared/contract/hardware.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { checkMachine } from './check-machine.ts';
import { checkReportName, writeReadiness } from './readiness-file.ts';

/** Implements the contract's area `hardware`. */
export function hardwareHandlers(ports: CorePorts): AreaHandlers<typeof hardware> {
  return {
    check: async ({ storePath, reportPath }, work) => {
      // A report that cannot be written should be refused before the look, not after.
      if (reportPath !== undefined) checkReportName(reportPath);
      work.step('look', 'Looking at this machine');
      const readiness = await checkMachine(ports, storePath ?? homePaths(ports.home).store);
      work.signal.throwIfAborted();
      if (reportPath === undefined) return readiness;
      work.step('report', `Writing ${reportPath}`);
      await writeReadiness(reportPath, readiness);
      return { ...readiness, report: reportPath };
    },
  };
}
