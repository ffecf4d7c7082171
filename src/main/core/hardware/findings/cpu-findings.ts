import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Cpu } from '../../../../shared/machine.ts';
import { type HardwareCatalog, requirementOf, sourceText } from '../hardware-catalog.ts';
import { amber, green, red } from './make-finding.ts';

/** Returns the findings about the processor: its size against GitLab's minimum, and what llama.cpp needs. */
export function cpuFindings(cpu: Cpu, catalog: HardwareCatalog): Finding[] {
  return [size(cpu, catalog), ...avx(cpu), gateway(cpu, catalog)];
}

function size(cpu: Cpu, catalog: HardwareCatalog): Finding {
  const cores = requirementOf(catalog, 'cpu-cores');
  const threads = requirementOf(catalog, 'cpu-threads');
  const usable = usableThreads(cpu);
  const title = `CPU: ${sizeText(cpu)}`;
  const judged = cpu.coresPhysical === null ? '; judged by threads alone because the number of cores is unknown' : '';
  const howWeKnow = `${cpu.model ?? 'unknown model'} (${cpu.architecture})${judged}; minimum: ${sourceText(catalog, cores)}`;
  const isEnough = (cpu.coresPhysical ?? cores.minimum) >= cores.minimum && usable >= threads.minimum;
  if (isEnough) return green('hardware.cpu', title, howWeKnow);
  return amber({
    id: 'hardware.cpu',
    title,
    consequence: `GitLab's minimum for a model host is ${cores.words}. With less, answers are slower, especially without a GPU.`,
    remedies: [
      steps(
        `Use a machine with at least ${cores.minimum} cores, or assign more to the virtual machine or container.`,
        'Or continue with a small model and few users; the probe shows the real speed.',
      ),
    ],
    howWeKnow,
  });
}

function avx(cpu: Cpu): Finding[] {
  const id = 'hardware.cpu-avx2';
  if (cpu.architecture !== 'x64') return [];
  if (cpu.hasAvx2 === true)
    return [green(id, `The CPU supports AVX2${cpu.hasAvx512 ? ', AVX-512' : ''}${cpu.hasAmx ? ', AMX' : ''}`)];
  const remedies = steps(
    'In a virtual machine: set the processor type to "host" (or another type with AVX2) and restart it.',
    'On a machine without AVX2: use another machine for the models, or an existing OpenAI-compatible server.',
  );
  if (cpu.hasAvx2 === null) {
    return [
      amber({
        id,
        title: 'AVX2 support is unknown',
        consequence: 'The embedded llama.cpp needs AVX2.',
        remedies: [steps('Look for "avx2" in the output of `lscpu` (Windows: in the data sheet of the processor).')],
      }),
    ];
  }
  return [
    red({
      id,
      title: 'The CPU does not support AVX2',
      consequence: 'The embedded llama.cpp and many vLLM builds cannot run on this machine.',
      remedies: [remedies],
      howWeKnow: 'processor flags in /proc/cpuinfo',
    }),
  ];
}

function gateway(cpu: Cpu, catalog: HardwareCatalog): Finding {
  const row = requirementOf(catalog, 'gateway-cpu');
  const id = 'hardware.gateway-cpu';
  const usable = usableThreads(cpu);
  if (usable >= row.minimum)
    return green(id, `Enough CPUs for the AI Gateway (at least ${row.minimum})`, sourceText(catalog, row));
  return amber({
    id,
    title: `Only ${usable} CPU for the AI Gateway`,
    consequence: `GitLab's minimum is ${row.words}.`,
    remedies: [steps('Assign at least 2 CPUs to the machine, or run the AI Gateway on another machine.')],
    howWeKnow: sourceText(catalog, row),
  });
}

function usableThreads(cpu: Cpu): number {
  return cpu.limitThreads === null ? cpu.threads : Math.min(cpu.threads, cpu.limitThreads);
}

function sizeText(cpu: Cpu): string {
  const nodes = (cpu.numaNodes ?? 1) > 1 ? `, ${cpu.numaNodes} NUMA nodes` : '';
  const plain = `${cpu.coresPhysical ?? 'unknown number of'} cores, ${cpu.threads} threads${nodes}`;
  return usableThreads(cpu) < cpu.threads ? `${plain}, limited to ${cpu.limitThreads?.toFixed(1)} CPUs` : plain;
}
