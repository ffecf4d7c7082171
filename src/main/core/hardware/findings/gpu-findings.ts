import { bytesText } from '../../../../shared/bytes-text.ts';
import { isCountable } from '../../../../shared/countable-gpu.ts';
import { command, type Remedy, steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { gpuName } from '../../../../shared/gpu-name.ts';
import type { Gpu, Machine } from '../../../../shared/machine.ts';
import { gpuSetFindings } from './gpu-set-findings.ts';
import { gpuStateFindings } from './gpu-state-findings.ts';
import { amber, green } from './make-finding.ts';

/** What is to say about GPUs: whether there are any that can be counted on, and what is in their way. */
export function gpuFindings(machine: Machine): Finding[] {
  const computing = machine.gpus.filter((gpu) => gpu.vendor !== 'intel' && gpu.vendor !== 'other');
  const unknown = machine.notKnown.filter((one) => one.what === 'gpus').map((one) => driverTrouble(one.why));
  const states = alikeOnce(machine.gpus.flatMap((gpu) => gpuStateFindings(gpu, machine.gpus)));
  const missing = computing.length === 0 && unknown.length === 0 ? [noGpu()] : [];
  return [...missing, ...unknown, ...presence(computing), ...states, ...gpuSetFindings(machine)];
}

/** Eight GPUs of one kind say the same eight times: once is enough, with their number. */
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
      'Only small models are of use on the CPU, for a few users. GitLab asks for 35 GB of GPU memory even for 7B models.',
    remedies: [
      steps(
        'Go on with the embedded engine and a small model.',
        'Or put an NVIDIA GPU with its driver into this machine, or use a machine that has one.',
      ),
      command('See which models fit into the memory', 'sealift models --fit'),
    ],
    howWeKnow: 'no nvidia-smi, and no GPU of NVIDIA or AMD on the PCI bus',
  });
}

function driverTrouble(why: string): Finding {
  return amber({
    id: 'hardware.gpu-not-known',
    title: 'What the GPUs can do is not known',
    consequence: 'Sealift plans without a GPU until the driver answers.',
    remedies: [driverRemedy(why)],
    howWeKnow: why,
  });
}

function driverRemedy(why: string): Remedy {
  if (/version mismatch/i.test(why)) {
    return steps('The driver was updated under a running kernel: restart this machine, then check again.');
  }
  if (/did not answer/i.test(why)) {
    return steps(
      'Look for errors of the GPU: dmesg | grep -i -e nvrm -e xid',
      'Restart this machine; if it hangs again, the GPU or its driver is broken.',
    );
  }
  if (/not installed/i.test(why)) {
    return steps(
      'Carry the NVIDIA driver package for this system in a bundle and install it.',
      'Then check: nvidia-smi',
    );
  }
  return steps(
    'Load the driver: modprobe nvidia; then run: nvidia-smi',
    'If it is refused, look for the reason: dmesg | grep -i nvidia (with Secure Boot the module must be signed).',
  );
}

function presence(gpus: Gpu[]): Finding[] {
  const counted = gpus.filter(isCountable);
  const uncounted = gpus.filter((gpu) => !isCountable(gpu) && gpu.isMigEnabled !== true);
  const findings: Finding[] = [];
  if (counted.length > 0) {
    const list = counted.map(
      (gpu) => `${gpuName(gpu)}, ${bytesText(gpu.vramFreeBytes)} of ${bytesText(gpu.vramTotalBytes)} free`,
    );
    const source = `memory as told by ${counted[0]?.vramSource}`;
    findings.push(
      green('hardware.gpu', `${counted.length} GPU${counted.length > 1 ? 's' : ''}: ${list.join('; ')}`, source),
    );
  }
  return [...findings, ...uncounted.map((gpu) => (gpu.vramSource === 'unified' ? unified(gpu) : uncountable(gpu)))];
}

function unified(gpu: Gpu): Finding {
  return amber({
    id: 'hardware.gpu-unified',
    title: `${gpuName(gpu)} shares the memory of the machine`,
    consequence: 'Sealift plans with the memory of the machine, for the embedded engine on the CPU.',
    remedies: [
      command('See which models fit into the memory', 'sealift models --fit'),
      steps(
        'Or serve the model with an engine made for this chip, and name its address in site.yaml: engine: external',
      ),
    ],
    howWeKnow: 'this kind of chip has no memory of its own',
  });
}

function uncountable(gpu: Gpu): Finding {
  const isTotalKnown = gpu.isVramTrusted && gpu.vramTotalBytes !== null;
  return amber({
    id: 'hardware.gpu-memory',
    title: isTotalKnown
      ? `${gpuName(gpu)}: how much of its ${bytesText(gpu.vramTotalBytes ?? 0)} is free is not known`
      : `GPU memory is not known: ${gpuName(gpu)}`,
    consequence: 'Sealift does not count on a GPU whose free memory it cannot measure; it plans with the CPU.',
    remedies: [
      steps('NVIDIA: install the driver so that nvidia-smi answers. AMD: load the amdgpu driver.', 'Then check again.'),
    ],
    howWeKnow: uncountedReason(gpu),
  });
}

function uncountedReason(gpu: Gpu): string {
  if (gpu.vramSource === 'registry')
    return "the driver's figure in the registry of Windows, which holds the total only";
  if (gpu.vramSource !== 'systeminformation') return 'no driver gives a figure';
  const said = gpu.vramTotalBytes === null ? 'nothing' : bytesText(gpu.vramTotalBytes);
  return `the system's own listing says ${said}, which is often wrong`;
}
