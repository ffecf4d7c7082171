import { bytesText } from '../../../../shared/bytes-text.ts';
import { isCountable, knownTotal } from '../../../../shared/countable-gpu.ts';
import { command, steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { gpuName } from '../../../../shared/gpu-name.ts';
import type { Gpu, Machine, Memory } from '../../../../shared/machine.ts';
import type { HardwareCatalog } from '../hardware-catalog.ts';
import { driverFindings } from './driver-findings.ts';
import { gpuSetFindings } from './gpu-set-findings.ts';
import { gpuStateFindings } from './gpu-state-findings.ts';
import { amber, green } from './make-finding.ts';

/** Returns the findings about GPUs: whether any are usable, and what prevents their use. */
export function gpuFindings(machine: Machine, catalog: HardwareCatalog): Finding[] {
  const computing = machine.gpus.filter((gpu) => gpu.vendor !== 'intel' && gpu.vendor !== 'other');
  const driver = driverFindings(machine, catalog);
  const states = alikeOnce(machine.gpus.flatMap((gpu) => gpuStateFindings(gpu, machine.gpus)));
  const missing = computing.length === 0 && driver.length === 0 ? [noGpu()] : [];
  // The driver's findings already explain why a device has no figures.
  const others = computing.filter(
    (gpu) => gpu.driverSays === null && !(driver.length > 0 && gpu.vendor === 'nvidia' && gpu.vramSource === 'none'),
  );
  return [...missing, ...driver, ...presence(others, machine.memory), ...states, ...gpuSetFindings(machine)];
}

/** Merges equal findings about several GPUs into one, with their number in the title. */
function alikeOnce(findings: Finding[]): Finding[] {
  const groups = new Map<string, Finding[]>();
  for (const one of findings) {
    const key = `${one.id} ${one.title}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap(([first, ...more]) => {
    if (!first) return [];
    return more.length === 0 ? first : { ...first, title: `${more.length + 1} × ${first.title}` };
  });
}

function noGpu(): Finding {
  return amber({
    id: 'hardware.gpu',
    title: 'No GPU',
    consequence:
      'On the CPU, only small models are practical, for a few users. GitLab requires 35 GB of GPU memory even for 7B models.',
    remedies: [
      steps(
        'Continue with the embedded llama.cpp and a small model.',
        'Or put an NVIDIA GPU with its driver into this machine, or use a machine that has one.',
      ),
      command('List the models that fit into memory', 'sealift models --fit'),
    ],
    howWeKnow: 'no GPU listed by nvidia-smi, and no NVIDIA or AMD GPU on the PCI bus',
  });
}

function presence(gpus: Gpu[], memory: Memory): Finding[] {
  const counted = gpus.filter(isCountable);
  const uncounted = gpus.filter((gpu) => !isCountable(gpu) && gpu.isMigEnabled !== true);
  const findings: Finding[] = [];
  if (counted.length > 0) {
    const list = counted.map(
      (gpu) => `${gpuName(gpu)}, ${bytesText(gpu.vramFreeBytes)} of ${bytesText(gpu.vramTotalBytes)} free`,
    );
    const source = `memory reported by ${counted[0]?.vramSource}`;
    findings.push(
      green('hardware.gpu', `${counted.length} GPU${counted.length > 1 ? 's' : ''}: ${list.join('; ')}`, source),
    );
  }
  const sharesMemory = (gpu: Gpu) => gpu.vramSource === 'unified' || gpu.isIntegrated === true;
  return [...findings, ...uncounted.map((gpu) => (sharesMemory(gpu) ? unified(gpu, memory) : uncountable(gpu)))];
}

function unified(gpu: Gpu, memory: Memory): Finding {
  const { vramTotalBytes, sharedBytes } = gpu;
  const isHeldKnown = gpu.vramSource === 'unified' && gpu.processes?.some((one) => one.usedBytes !== null);
  const reserved = vramTotalBytes === null ? '' : `; ${bytesText(vramTotalBytes)} of it are reserved for the GPU`;
  const more = sharedBytes === null ? '' : `, which may use up to ${bytesText(sharedBytes)} more`;
  const available =
    memory.availableBytes === null ? '' : `, of which ${bytesText(memory.availableBytes)} are available now`;
  return amber({
    id: 'hardware.gpu-unified',
    title: `${gpuName(gpu)} shares the machine's memory${reserved}${more}`,
    consequence: `Sealift plans with the embedded llama.cpp on the CPU and the machine's ${bytesText(memory.totalBytes)}${available}. Programs on the GPU take from the same memory.`,
    remedies: [
      command('List the models that fit into memory', 'sealift models --fit'),
      steps(
        ...(vramTotalBytes === null
          ? []
          : [
              'For the embedded llama.cpp, reserve as little as possible in the firmware settings ("UMA frame buffer size").',
            ]),
        'Or serve the model with an engine for this chip, and set its address in site.yaml: engine: external',
      ),
    ],
    howWeKnow: `chips of this kind have one memory for processor and GPU; available is what the system reports${isHeldKnown ? ', less what programs on the GPU hold' : ''}`,
  });
}

function uncountable(gpu: Gpu): Finding {
  const total = knownTotal(gpu);
  return amber({
    id: 'hardware.gpu-memory',
    title:
      total === null
        ? `GPU memory is unknown: ${gpuName(gpu)}`
        : `${gpuName(gpu)}: ${bytesText(total)} of memory, free amount unknown`,
    consequence: 'Sealift plans without it: it uses only GPUs whose free memory it can measure.',
    remedies: [steps(uncountedRemedy(gpu), 'Then check again.')],
    howWeKnow: uncountedReason(gpu),
  });
}

function uncountedRemedy({ vendor, vramSource }: Gpu): string {
  if (vramSource === 'nvidia-smi')
    return 'In a container or a virtual GPU the driver may hide the figure: check on the machine itself, as root.';
  if (vendor === 'amd') return 'Load the amdgpu driver.';
  return vendor === 'nvidia'
    ? 'Install the NVIDIA driver, so that nvidia-smi works.'
    : 'Install the driver of this GPU.';
}

function uncountedReason(gpu: Gpu): string {
  if (gpu.isVramTrusted && gpu.vramTotalBytes === 0) return `${gpu.vramSource} reports 0 B of memory`;
  if (gpu.vramSource === 'nvidia-smi') return 'nvidia-smi lists the GPU without its memory ([N/A])';
  if (gpu.vramSource === 'registry') return "the driver's figure in the Windows registry, which has the total only";
  if (gpu.vramSource !== 'systeminformation') return 'no driver reports a figure';
  const said = gpu.vramTotalBytes === null ? 'nothing' : bytesText(gpu.vramTotalBytes);
  return `the operating system reports ${said}, which is often wrong`;
}
