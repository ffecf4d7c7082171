import type { Engine, Machine, NotKnown } from '../../../shared/machine.ts';
import { cgroupLimits } from './cgroup.ts';
import type { Collected } from './collected.ts';
import { collectCpu } from './cpu.ts';
import { collectDisk } from './disks.ts';
import { collectEngine } from './engine.ts';
import { collectGpuToolkit } from './gpu-toolkit.ts';
import { collectGpus } from './gpus.ts';
import { collectMemory } from './memory.ts';
import { collectOs } from './operating-system.ts';
import { collectPorts } from './ports.ts';
import { collectSecurity } from './security.ts';
import { type SystemView, thisSystem } from './system-view.ts';

/** Each question is answered within this time, whatever it asks does. */
const probeTimeoutMs = 5000;

/** Looks at this machine, all probes side by side. What cannot be found out is `null` and named in `notKnown`; never throws. */
export async function collectMachine(storePath: string, timeoutMs = probeTimeoutMs): Promise<Machine> {
  const view = thisSystem(timeoutMs);
  const [system, store, engine, ports] = await Promise.all([
    collectSystem(view),
    collectDisk(view, 'store', storePath),
    collectEngine(timeoutMs),
    collectPorts(timeoutMs),
  ]);
  const engineDisk = await diskOfEngine(view, engine.facts);
  return {
    ...system.facts,
    disks: [store.facts, engineDisk.facts].filter((disk) => disk !== null),
    diskSpeed: null,
    engine: engine.facts,
    ports: ports.facts,
    notKnown: [system, store, engine, engineDisk, ports].flatMap((one): NotKnown[] => one.notKnown),
  };
}

/** What a view tells of a machine: all but disks, engine and ports, which are asked of this machine alone. Never throws. */
export async function collectSystem(
  view: SystemView,
): Promise<Collected<Omit<Machine, 'disks' | 'diskSpeed' | 'engine' | 'ports' | 'notKnown'>>> {
  const limits = view.platform === 'linux' ? await cgroupLimits(view) : noLimits;
  const [cpu, memory, gpus, os, security, gpuToolkit] = await Promise.all([
    collectCpu(view, limits.cpuThreads),
    collectMemory(view, limits),
    collectGpus(view),
    collectOs(view),
    collectSecurity(view),
    collectGpuToolkit(view),
  ]);
  return {
    facts: {
      cpu: cpu.facts,
      memory: memory.facts,
      gpus: gpus.facts.gpus,
      gpuLinks: gpus.facts.links,
      gpuMasks: gpus.facts.masks,
      gpuToolkit,
      os: os.facts,
      security,
    },
    notKnown: [cpu, memory, gpus, os].flatMap((one) => one.notKnown),
  };
}

const noLimits = { memoryLimitBytes: null, memoryUsedBytes: null, cpuThreads: null };

async function diskOfEngine(view: SystemView, engine: Engine): Promise<Awaited<ReturnType<typeof collectDisk>>> {
  const root = engine.isRemote ? null : engine.dataRoot;
  return root === null ? { facts: null, notKnown: [] } : collectDisk(view, 'engine', root);
}
