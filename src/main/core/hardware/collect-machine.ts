import type { Engine, Machine, NotKnown } from '../../../shared/machine.ts';
import { cgroupLimits } from './cgroup.ts';
import type { Collected } from './collected.ts';
import { collectEngine } from './container-engine.ts';
import { collectCpu } from './cpu.ts';
import { collectDesktop } from './desktop.ts';
import { collectDisk } from './disks.ts';
import { collectGpuToolkit } from './gpu-toolkit.ts';
import { collectGpus } from './gpus.ts';
import type { GpuCatalog } from './hardware-catalog.ts';
import { collectMemory } from './memory.ts';
import { collectOs } from './operating-system.ts';
import { collectSecurity } from './security-modules.ts';
import { type SystemView, thisSystem } from './system-view.ts';
import { collectPorts } from './tcp-ports.ts';
import { correctUnified } from './unified-memory.ts';

/** Time limit for each question. */
const probeTimeoutMs = 5000;

/** Examines this machine, with all probes in parallel. `hasWindow`: this Sealift can open one. Unknown facts are `null` and listed in `notKnown`. Never throws. */
export async function collectMachine(
  storePath: string,
  catalog: GpuCatalog,
  hasWindow: boolean,
  timeoutMs = probeTimeoutMs,
): Promise<Machine> {
  const view = thisSystem(timeoutMs);
  const [system, store, engine, ports, desktop] = await Promise.all([
    collectSystem(view, catalog),
    collectDisk(view, 'store', storePath),
    collectEngine(timeoutMs),
    collectPorts(timeoutMs),
    collectDesktop(view, hasWindow),
  ]);
  const engineDisk = await diskOfEngine(view, engine.facts);
  return {
    ...system.facts,
    disks: [store.facts, engineDisk.facts].filter((disk) => disk !== null),
    diskSpeed: null,
    engine: engine.facts,
    desktop,
    ports: ports.facts,
    notKnown: [system, store, engine, engineDisk, ports].flatMap((one): NotKnown[] => one.notKnown),
  };
}

/** Collects everything that a view reports about a machine: all but disks, engine, desktop and ports, which are read on this machine only. Never throws. */
export async function collectSystem(
  view: SystemView,
  catalog: GpuCatalog,
): Promise<Collected<Omit<Machine, 'disks' | 'diskSpeed' | 'engine' | 'desktop' | 'ports' | 'notKnown'>>> {
  const limits = view.platform === 'linux' ? await cgroupLimits(view) : noLimits;
  const [cpu, memory, gpus, os, security, gpuToolkit] = await Promise.all([
    collectCpu(view, limits.cpuThreads),
    collectMemory(view, limits),
    collectGpus(view, catalog),
    collectOs(view),
    collectSecurity(view),
    collectGpuToolkit(view),
  ]);
  return {
    facts: {
      cpu: cpu.facts,
      memory: await correctUnified(view, memory.facts, gpus.facts.gpus, catalog.unifiedChips),
      gpus: gpus.facts.gpus,
      gpuLinks: gpus.facts.links,
      gpuMasks: gpus.facts.masks,
      gpuMessages: gpus.facts.messages,
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
