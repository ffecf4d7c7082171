import type { Finding } from '../../../../shared/finding.ts';
import type { Machine } from '../../../../shared/machine.ts';
import type { HardwareCatalog } from '../hardware-catalog.ts';
import { cpuFindings } from './cpu-findings.ts';
import { desktopFindings } from './desktop-findings.ts';
import { diskFindings } from './disk-findings.ts';
import { engineFindings } from './engine-findings.ts';
import { gpuFindings } from './gpu-findings.ts';
import { memoryFindings } from './memory-findings.ts';
import { portFindings } from './port-findings.ts';
import { securityFindings } from './security-findings.ts';
import { speedFindings } from './speed-findings.ts';
import { systemFindings } from './system-findings.ts';

const rank = { red: 0, amber: 1, green: 2 } as const;

/** Returns all findings about a machine: red first, then amber, then green. Pure: the same facts yield the same findings. */
export function machineFindings(machine: Machine, catalog: HardwareCatalog): Finding[] {
  const all = [
    ...cpuFindings(machine.cpu, catalog),
    ...memoryFindings(machine.memory, catalog),
    ...gpuFindings(machine, catalog),
    ...diskFindings(machine.disks, catalog, machine.diskSpeed),
    ...speedFindings(machine.diskSpeed),
    ...engineFindings(machine),
    ...portFindings(machine.ports),
    ...securityFindings(machine),
    ...systemFindings(machine),
    ...desktopFindings(machine),
  ];
  return bySeverity(uniquelyNamed(all));
}

/** Sorts findings: red first, then amber, then green; otherwise keeps their order. */
export function bySeverity(findings: Finding[]): Finding[] {
  return [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]);
}

/** Appends `-2` to the id of the second finding with the same id, and so on. */
function uniquelyNamed(findings: Finding[]): Finding[] {
  const seen = new Map<string, number>();
  return findings.map((one) => {
    const count = (seen.get(one.id) ?? 0) + 1;
    seen.set(one.id, count);
    return count === 1 ? one : { ...one, id: `${one.id}-${count}` };
  });
}
