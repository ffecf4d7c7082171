import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Cpu } from '../../../../shared/machine.ts';
import { type HardwareCatalog, requirementOf, sourceText } from '../../catalog/hardware-catalog.ts';
import { amber, green, red } from './make-finding.ts';

/** What is to say about the processor: its size against GitLab's minimum, and what llama.cpp needs. */
export function cpuFindings(cpu: Cpu, catalog: HardwareCatalog): Finding[] {
  return [size(cpu, catalog), ...avx(cpu), gateway(cpu, catalog)];
}

function size(cpu: Cpu, catalog: HardwareCatalog): Finding {
  const cores = requirementOf(catalog, 'cpu-cores');
  const threads = requirementOf(catalog, 'cpu-threads');
  const usable = usableThreads(cpu);
  const title = `CPU: ${sizeText(cpu)}`;
  const judged = cpu.coresPhysical === null ? '; by its threads alone, since its cores are not known' : '';
  const howWeKnow = `${cpu.model ?? 'model not known'} (${cpu.architecture})${judged}; the minimum: ${sourceText(catalog, cores)}`;
  const isEnough = (cpu.coresPhysical ?? cores.minimum) >= cores.minimum && usable >= threads.minimum;
  if (isEnough) return green('hardware.cpu', title, howWeKnow);
  return amber({
    id: 'hardware.cpu',
    title,
    consequence: `GitLab asks a model host for ${cores.words}. With less, answers come slower, above all without a GPU.`,
    remedies: [
      steps(
        `Use a machine with at least ${cores.minimum} cores, or give the virtual machine or container more of them.`,
        'Or go on with a small model and few users; the probe will show the real speed.',
      ),
    ],
    howWeKnow,
  });
}

function avx(cpu: Cpu): Finding[] {
  const id = 'hardware.cpu-avx2';
  if (cpu.architecture !== 'x64') return [];
  if (cpu.hasAvx2 === true)
    return [green(id, `AVX2 is there${cpu.hasAvx512 ? ', AVX-512 too' : ''}${cpu.hasAmx ? ', and AMX' : ''}`)];
  const remedies = steps(
    'In a virtual machine: set the processor type to "host" (or another that has AVX2) and restart it.',
    'On a machine without AVX2: use another machine for the models, or an existing OpenAI-compatible server.',
  );
  if (cpu.hasAvx2 === null) {
    return [
      amber({
        id,
        title: 'Whether the CPU has AVX2 is not known',
        consequence: 'Without AVX2 the embedded engine does not run.',
        remedies: [steps('Look for "avx2" in what `lscpu` prints (Windows: in the data sheet of the processor).')],
      }),
    ];
  }
  return [
    red({
      id,
      title: 'The CPU has no AVX2',
      consequence: 'The embedded engine (llama.cpp) cannot run here, nor can many builds of vLLM.',
      remedies: [remedies],
      howWeKnow: 'the flags of the processor in /proc/cpuinfo',
    }),
  ];
}

function gateway(cpu: Cpu, catalog: HardwareCatalog): Finding {
  const row = requirementOf(catalog, 'gateway-cpu');
  const id = 'hardware.gateway-cpu';
  const usable = usableThreads(cpu);
  if (usable >= row.minimum)
    return green(id, `The AI Gateway's ${row.minimum} CPUs are there`, sourceText(catalog, row));
  return amber({
    id,
    title: `${usable} CPU for the AI Gateway`,
    consequence: `GitLab asks for ${row.words}.`,
    remedies: [steps('Give the machine at least 2 CPUs, or run the AI Gateway on another machine.')],
    howWeKnow: sourceText(catalog, row),
  });
}

function usableThreads(cpu: Cpu): number {
  return cpu.limitThreads === null ? cpu.threads : Math.min(cpu.threads, cpu.limitThreads);
}

function sizeText(cpu: Cpu): string {
  const nodes = (cpu.numaNodes ?? 1) > 1 ? `, ${cpu.numaNodes} NUMA nodes` : '';
  const plain = `${cpu.coresPhysical ?? 'unknown number of'} cores, ${cpu.threads} threads${nodes}`;
  return usableThreads(cpu) < cpu.threads ? `${plain}, of which a limit allows ${cpu.limitThreads?.toFixed(1)}` : plain;
}
