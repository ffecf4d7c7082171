import { carryOut } from '../../../shared/carry-out.ts';
import type { hardware } from '../../../shared/contract/hardware.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { checkMachine } from './check-machine.ts';
import {
  checkCarryOutName,
  checkReportName,
  type ReadinessWritten,
  writeCarryOut,
  writeReadiness,
} from './readiness-file.ts';

/** Implements the contract's area `hardware`. */
export function hardwareHandlers(ports: CorePorts): AreaHandlers<typeof hardware> {
  return {
    check: async ({ storePath, reportPath, carryOutPath, measurePath, gitlab }, work) => {
      // A report that cannot be written should be refused before the check, not after.
      if (reportPath !== undefined) checkReportName(reportPath);
      if (carryOutPath !== undefined) checkCarryOutName(carryOutPath);
      work.step('look', 'Checking this machine');
      const extras = { measurePath, gitlab, signal: work.signal };
      const readiness = await checkMachine(ports, storePath ?? ports.paths.store, extras);
      work.signal.throwIfAborted();
      let written: ReadinessWritten | undefined;
      if (reportPath !== undefined) {
        work.step('report', `Writing ${reportPath}`);
        written = await writeReadiness(reportPath, readiness, ports.paths.keys);
      }
      if (carryOutPath !== undefined) {
        work.step('carry-out', `Writing ${carryOutPath}`);
        await writeCarryOut(carryOutPath, carryOut(readiness));
      }
      return {
        ...readiness,
        ...(reportPath !== undefined && { report: reportPath, ...written }),
        ...(carryOutPath !== undefined && { carryOut: carryOutPath }),
      };
    },
  };
}
