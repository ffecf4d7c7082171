import type { Readiness } from '../../../shared/readiness.ts';
import { loadHardwareCatalog } from '../catalog/load-catalog.ts';
import type { CorePorts } from '../ports.ts';
import { collectMachine } from './collect-machine.ts';
import { machineFindings } from './findings/machine-findings.ts';

/** Looks at this machine and judges it by the catalogue. Raises `catalog.damaged`. */
export async function checkMachine(ports: CorePorts, storePath: string): Promise<Readiness> {
  const catalog = await loadHardwareCatalog(ports.resources);
  const machine = await collectMachine(storePath);
  return {
    kind: 'sealift.readiness',
    version: 1,
    createdAt: ports.now().toISOString(),
    toolVersion: ports.version,
    machine,
    findings: machineFindings(machine, catalog),
  };
}
