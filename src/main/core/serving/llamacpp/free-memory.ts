import { freemem } from 'node:os';
import { cgroupLimits } from '../../hardware/cgroup.ts';
import { collectMemory } from '../../hardware/memory.ts';
import { type SystemView, thisSystem } from '../../hardware/system-view.ts';

const lookMs = 2000;

/** Returns the memory that this process may still use, within its control group's limit, as in `check` and the plans. */
export async function freeMemoryBytes(view: SystemView = thisSystem(lookMs)): Promise<number> {
  const { facts } = await collectMemory(view, await cgroupLimits(view));
  return facts.availableBytes ?? freemem();
}
