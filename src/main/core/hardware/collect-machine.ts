import type { Machine } from '../../../shared/machine.ts';
import { cgroupLimits } from './cgroup.ts';
import { collectCpu } from './cpu.ts';
import { collectDisk } from './disks.ts';
import { collectEngine } from './engine.ts';
import { collectGpus } from './gpus.ts';
import { collectMemory } from './memory.ts';
import { collectOs } from './operating-system.ts';
import { collectPorts } from './ports.ts';

/** Each probe answers within this time, whatever it asks does. */
const probeTimeoutMs = 5000;

/** Looks at this machine, all probes side by side. What cannot be found out is `null` and named in `notKnown`; never throws. */
export async function collectMachine(storePath: string, timeoutMs = probeTimeoutMs): Promise<Machine> {
  const limits = await cgroupLimits();
  const [cpu, memory, gpus, store, engine, os, ports] = await Promise.all([
    collectCpu(timeoutMs, limits.cpuThreads),
    collectMemory(timeoutMs, limits),
    collectGpus(timeoutMs),
    collectDisk('store', storePath, timeoutMs),
    collectEngine(timeoutMs),
    collectOs(timeoutMs),
    collectPorts(timeoutMs),
  ]);
  const root = engine.facts.isRemote ? null : engine.facts.dataRoot;
  const engineDisk = root === null ? { facts: null, notKnown: [] } : await collectDisk('engine', root, timeoutMs);
  const all = [cpu, memory, gpus, store, engine, engineDisk, os, ports];
  return {
    cpu: cpu.facts,
    memory: memory.facts,
    gpus: gpus.facts,
    disks: [store.facts, engineDisk.facts].filter((disk) => disk !== null),
    engine: engine.facts,
    os: os.facts,
    ports: ports.facts,
    notKnown: all.flatMap((one) => one.notKnown),
  };
}
