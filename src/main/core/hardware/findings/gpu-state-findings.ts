import { bytesText } from '../../../../shared/bytes-text.ts';
import { isCountable } from '../../../../shared/countable-gpu.ts';
import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { gpuName } from '../../../../shared/gpu-name.ts';
import type { Gpu } from '../../../../shared/machine.ts';
import { amber, red } from './make-finding.ts';

/* GitLab's page on GPT-oss-120B requires CUDA 12.9, driver 575 or newer (H-41946e65). */
const driverMajor = 575;
/* vLLM's installation page requires compute capability 7.0 or higher. */
const capability = 7.0;

/** Returns the findings about one GPU: who uses it, errors, how it is split, and whether engines support it. */
export function gpuStateFindings(gpu: Gpu, all: Gpu[]): Finding[] {
  return [busy, ecc, mig, driver, computes, rocm, intel].flatMap((look) => look(gpu, all) ?? []);
}

function busy(gpu: Gpu): Finding | undefined {
  if (!isCountable(gpu) || gpu.vramFreeBytes >= gpu.vramTotalBytes * 0.9) return undefined;
  const who = (gpu.processes ?? []).map(
    ({ pid, name, usedBytes }) => `${name} (process ${pid}${usedBytes === null ? '' : `, ${bytesText(usedBytes)}`})`,
  );
  return amber({
    id: 'hardware.gpu-in-use',
    title: `${gpuName(gpu)}: memory in use, ${bytesText(gpu.vramTotalBytes - gpu.vramFreeBytes)} of ${bytesText(gpu.vramTotalBytes)}`,
    consequence: 'By default vLLM takes 90 % of a GPU, and does not start if less is free.',
    remedies: [
      steps(
        who.length > 0 ? `It is used by ${who.slice(0, 5).join('; ')}` : 'See what uses it: nvidia-smi',
        'Stop that process, or choose a model that fits into the free memory.',
      ),
    ],
    howWeKnow: `free memory reported by ${gpu.vramSource}`,
  });
}

function ecc(gpu: Gpu): Finding | undefined {
  const { eccErrors, eccErrorsEver } = gpu;
  if (eccErrors !== null && eccErrors > 0) {
    return red({
      id: 'hardware.gpu-ecc',
      title: `${gpuName(gpu)}: ${eccErrors} uncorrectable memory errors`,
      consequence: 'Programs that access the damaged memory fail with an error. The model server will stop under load.',
      remedies: [
        steps(
          'Stop all programs that use the GPU, then reset it: nvidia-smi --gpu-reset -i NUMBER. Or restart the machine.',
          'If the errors return, get the details for the manufacturer (nvidia-smi -q -d ECC,ROW_REMAPPER) and have the board replaced.',
        ),
      ],
      howWeKnow: 'nvidia-smi, ecc.errors.uncorrected.volatile.total, counted since the driver was loaded',
    });
  }
  if (eccErrorsEver === null || eccErrorsEver === 0) return undefined;
  return amber({
    id: 'hardware.gpu-ecc-ever',
    title: `${gpuName(gpu)}: ${eccErrorsEver} uncorrectable memory errors in the past, none since the driver was loaded`,
    consequence: 'The board may be failing.',
    remedies: [steps('Monitor it: nvidia-smi -q -d ECC,ROW_REMAPPER. If the number grows, have the board replaced.')],
    howWeKnow: 'nvidia-smi, ecc.errors.uncorrected.aggregate.total',
  });
}

function mig(gpu: Gpu, all: Gpu[]): Finding | undefined {
  if (gpu.isMigEnabled !== true) return undefined;
  // Instances follow the GPU that they are part of.
  const after = all.slice(all.indexOf(gpu) + 1);
  const end = after.findIndex((one) => one.migProfile === null);
  const instances = end < 0 ? after : after.slice(0, end);
  // Where the driver hides the GPU's figures, it hides its instances too.
  if (instances.length === 0 && gpu.driverSays !== null) return undefined;
  const parts = instances.map((one) => `${one.migProfile}, ${bytesText(one.vramTotalBytes ?? 0)}`);
  const whole =
    'To use it as a whole, if no one needs the instances: nvidia-smi -mig 0, then restart the programs that use it.';
  return amber({
    id: 'hardware.gpu-mig',
    title: `${gpuName(gpu)} is split (MIG): ${parts.length > 0 ? parts.join('; ') : 'no instances'}`,
    consequence:
      parts.length > 0
        ? 'A model server uses one instance, the first that it sees. Instances cannot be combined.'
        : 'No program can use it in this state.',
    remedies: [
      parts.length > 0
        ? steps('Choose a model that fits into one instance.', whole)
        : steps(
            'Create instances: nvidia-smi mig -lgip lists the profiles, nvidia-smi mig -cgi PROFILE -C creates one.',
            whole,
          ),
    ],
    howWeKnow: 'nvidia-smi, mig.mode.current and mig_devices',
  });
}

function driver(gpu: Gpu): Finding | undefined {
  const major = Number(gpu.driverVersion?.split('.')[0]);
  if (gpu.vendor !== 'nvidia' || gpu.migProfile !== null || !(major > 0) || major >= driverMajor) return undefined;
  return amber({
    id: 'hardware.gpu-driver',
    title: `${gpuName(gpu)}: driver ${gpu.driverVersion}${gpu.cudaVersion === null ? '' : `, up to CUDA ${gpu.cudaVersion}`}`,
    consequence: `GitLab's page on GPT-oss-120B requires driver ${driverMajor} (CUDA 12.9) or newer; recent vLLM images may not run with older ones.`,
    remedies: [
      steps('Bring a newer driver package in a bundle and install it.', 'Or use a vLLM image built for this driver.'),
    ],
    howWeKnow: 'nvidia-smi, driver_version',
  });
}

function computes(gpu: Gpu): Finding | undefined {
  if (gpu.computeCapability === null || Number(gpu.computeCapability) >= capability) return undefined;
  return amber({
    id: 'hardware.gpu-capability',
    title: `${gpuName(gpu)} has compute capability ${gpu.computeCapability}`,
    consequence: 'vLLM requires 7.0 or higher (Volta or newer).',
    remedies: [steps('Use a newer GPU, or the embedded llama.cpp on the CPU.')],
    howWeKnow: 'nvidia-smi, compute_cap',
  });
}

function rocm(gpu: Gpu): Finding | undefined {
  if (gpu.vendor !== 'amd') return undefined;
  return amber({
    id: 'hardware.gpu-amd',
    title: `AMD GPU: ${gpu.name ?? 'unknown model'}`,
    consequence: 'GitLab documents NVIDIA GPUs only. vLLM runs on AMD GPUs with an image built for ROCm.',
    remedies: [steps('Put a ROCm image of vLLM into the bundle.', 'Or use the embedded llama.cpp on the CPU.')],
  });
}

function intel(gpu: Gpu): Finding | undefined {
  if (gpu.vendor !== 'intel' || gpu.vramSource !== 'intel') return undefined;
  return amber({
    id: 'hardware.gpu-intel',
    title: `Intel GPU with ${bytesText(gpu.vramTotalBytes ?? 0)} of dedicated memory`,
    consequence: 'Sealift does not start model servers on it.',
    remedies: [
      steps(
        'Continue with the embedded llama.cpp on the CPU.',
        "Or serve the model with Intel's build of an engine, and set its address in site.yaml: engine: external",
      ),
    ],
    howWeKnow: 'physical_vram_size_bytes of the xe driver, or lmem_total_bytes of i915',
  });
}
