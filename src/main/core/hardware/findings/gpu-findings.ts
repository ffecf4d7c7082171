import { bytesText } from '../../../../shared/bytes-text.ts';
import { isCountable } from '../../../../shared/countable-gpu.ts';
import { command, type Remedy, steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Gpu, Machine } from '../../../../shared/machine.ts';
import { amber, green } from './make-finding.ts';

/* GitLab's page on GPT-oss-120B asks for CUDA 12.9, driver 575 or newer (H-41946e65). */
const driverMajor = 575;
/* vLLM's installation page asks for compute capability 7.0 or higher. */
const capability = 7.0;

/** What is to say about GPUs: whether there are any that can be counted on, and what is in their way. */
export function gpuFindings(machine: Machine): Finding[] {
  const computing = machine.gpus.filter((gpu) => gpu.vendor !== 'intel' && gpu.vendor !== 'other');
  const unknown = machine.notKnown.filter((one) => one.what === 'gpus').map((one) => driverTrouble(one.why));
  if (computing.length === 0 && unknown.length === 0) return [noGpu()];
  return [...unknown, ...presence(computing), ...perGpu(computing)];
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
      (gpu) => `${gpu.name ?? gpu.vendor}, ${bytesText(gpu.vramFreeBytes)} of ${bytesText(gpu.vramTotalBytes)} free`,
    );
    const source = `memory as told by ${counted[0]?.vramSource}`;
    findings.push(
      green('hardware.gpu', `${counted.length} GPU${counted.length > 1 ? 's' : ''}: ${list.join('; ')}`, source),
    );
  }
  for (const gpu of uncounted) {
    findings.push(
      amber({
        id: 'hardware.gpu-memory',
        title: `GPU memory is not known: ${gpu.name ?? gpu.vendor}`,
        consequence: 'Sealift does not count on a GPU whose memory it cannot measure; it plans with the CPU.',
        remedies: [
          steps(
            'NVIDIA: install the driver so that nvidia-smi answers. AMD: load the amdgpu driver.',
            'Then check again.',
          ),
        ],
        howWeKnow: uncountedReason(gpu),
      }),
    );
  }
  return findings;
}

function uncountedReason(gpu: Gpu): string {
  if (gpu.vramSource === 'unified') return 'it shares the memory of the machine';
  if (gpu.vramSource !== 'systeminformation') return 'no driver gives a figure';
  const said = gpu.vramTotalBytes === null ? 'nothing' : bytesText(gpu.vramTotalBytes);
  return `the system's own listing says ${said}, which is often wrong`;
}

function perGpu(gpus: Gpu[]): Finding[] {
  return gpus.flatMap((gpu) => [...busy(gpu), ...mig(gpu), ...old(gpu), ...rocm(gpu)]);
}

function busy(gpu: Gpu): Finding[] {
  if (!isCountable(gpu) || gpu.vramFreeBytes >= gpu.vramTotalBytes * 0.9) return [];
  return [
    amber({
      id: 'hardware.gpu-in-use',
      title: `${gpu.name ?? 'GPU'}: memory in use, ${bytesText(gpu.vramTotalBytes - gpu.vramFreeBytes)} of ${bytesText(gpu.vramTotalBytes)}`,
      consequence: 'vLLM takes nine tenths of a GPU by default and does not start when others hold more than the rest.',
      remedies: [steps('See who holds it: nvidia-smi', 'Stop that process, or choose a model for what is free.')],
      howWeKnow: `free memory as told by ${gpu.vramSource}`,
    }),
  ];
}

function mig(gpu: Gpu): Finding[] {
  if (gpu.isMigEnabled !== true) return [];
  return [
    amber({
      id: 'hardware.gpu-mig',
      title: `${gpu.name ?? 'The GPU'} is split into instances (MIG)`,
      consequence: 'Its memory cannot be used as one; Sealift does not count on it.',
      remedies: [
        steps('If nobody needs the instances: nvidia-smi -mig 0, then restart what uses the GPU and check again.'),
      ],
    }),
  ];
}

function old(gpu: Gpu): Finding[] {
  const findings: Finding[] = [];
  const major = Number(gpu.driverVersion?.split('.')[0]);
  if (gpu.vendor === 'nvidia' && major > 0 && major < driverMajor) {
    findings.push(
      amber({
        id: 'hardware.gpu-driver',
        title: `${gpu.name ?? 'GPU'}: driver ${gpu.driverVersion}`,
        consequence: `GitLab's page on GPT-oss-120B asks for driver ${driverMajor} or newer; recent vLLM images may refuse older ones.`,
        remedies: [
          steps(
            'Carry a newer driver package in a bundle and install it.',
            'Or use a vLLM image made for this driver.',
          ),
        ],
        howWeKnow: 'nvidia-smi, driver_version',
      }),
    );
  }
  if (gpu.computeCapability !== null && Number(gpu.computeCapability) < capability) {
    findings.push(
      amber({
        id: 'hardware.gpu-capability',
        title: `${gpu.name ?? 'The GPU'} has compute capability ${gpu.computeCapability}`,
        consequence: 'vLLM needs 7.0 or higher (Volta and newer).',
        remedies: [steps('Use a newer GPU, or the embedded engine on the CPU.')],
        howWeKnow: 'nvidia-smi, compute_cap',
      }),
    );
  }
  return findings;
}

function rocm(gpu: Gpu): Finding[] {
  if (gpu.vendor !== 'amd') return [];
  return [
    amber({
      id: 'hardware.gpu-amd',
      title: `AMD GPU: ${gpu.name ?? 'name not known'}`,
      consequence: "GitLab's pages name NVIDIA only. vLLM runs on AMD with an image made for ROCm.",
      remedies: [steps('Put a ROCm image of vLLM into the bundle.', 'Or use the embedded engine on the CPU.')],
    }),
  ];
}
