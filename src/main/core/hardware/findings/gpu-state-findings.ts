import { bytesText } from '../../../../shared/bytes-text.ts';
import { isCountable } from '../../../../shared/countable-gpu.ts';
import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { gpuName } from '../../../../shared/gpu-name.ts';
import type { Gpu } from '../../../../shared/machine.ts';
import { amber, red } from './make-finding.ts';

/* GitLab's page on GPT-oss-120B asks for CUDA 12.9, driver 575 or newer (H-41946e65). */
const driverMajor = 575;
/* vLLM's installation page asks for compute capability 7.0 or higher. */
const capability = 7.0;
/* Less than this of a processor's GPU holds no model of use. */
const smallCarveOutBytes = 4 * 2 ** 30;

/** What is to say about one GPU: who uses it, errors, how it is split, and whether engines can use its kind. */
export function gpuStateFindings(gpu: Gpu, all: Gpu[]): Finding[] {
  return [busy, ecc, mig, driver, computes, rocm, carveOut, intel].flatMap((look) => look(gpu, all) ?? []);
}

function busy(gpu: Gpu): Finding | undefined {
  if (!isCountable(gpu) || gpu.vramFreeBytes >= gpu.vramTotalBytes * 0.9) return undefined;
  const who = (gpu.processes ?? []).map(
    ({ pid, name, usedBytes }) => `${name} (process ${pid}${usedBytes === null ? '' : `, ${bytesText(usedBytes)}`})`,
  );
  return amber({
    id: 'hardware.gpu-in-use',
    title: `${gpuName(gpu)}: memory in use, ${bytesText(gpu.vramTotalBytes - gpu.vramFreeBytes)} of ${bytesText(gpu.vramTotalBytes)}`,
    consequence: 'vLLM takes nine tenths of a GPU by default and does not start when others hold more than the rest.',
    remedies: [
      steps(
        who.length > 0 ? `It is held by ${who.slice(0, 5).join('; ')}` : 'See who holds it: nvidia-smi',
        'Stop that process, or choose a model for what is free.',
      ),
    ],
    howWeKnow: `free memory as told by ${gpu.vramSource}`,
  });
}

function ecc(gpu: Gpu): Finding | undefined {
  const { eccErrors, eccErrorsEver } = gpu;
  if (eccErrors !== null && eccErrors > 0) {
    return red({
      id: 'hardware.gpu-ecc',
      title: `${gpuName(gpu)}: ${eccErrors} memory errors that could not be corrected`,
      consequence: 'Programs that touch the damaged place end with an error; the model server will stop under load.',
      remedies: [
        steps(
          'Stop what uses the GPU, then reset it: nvidia-smi --gpu-reset -i NUMBER; or restart the machine.',
          'If errors come back, see what the maker asks for: nvidia-smi -q -d ECC,ROW_REMAPPER; then have the board replaced.',
        ),
      ],
      howWeKnow: 'nvidia-smi, ecc.errors.uncorrected.volatile.total: since the driver was loaded',
    });
  }
  if (eccErrorsEver === null || eccErrorsEver === 0) return undefined;
  return amber({
    id: 'hardware.gpu-ecc-ever',
    title: `${gpuName(gpu)} had ${eccErrorsEver} memory errors that could not be corrected, none since the driver was loaded`,
    consequence: 'The board may be failing.',
    remedies: [steps('Watch it: nvidia-smi -q -d ECC,ROW_REMAPPER. If the number grows, have the board replaced.')],
    howWeKnow: 'nvidia-smi, ecc.errors.uncorrected.aggregate.total',
  });
}

function mig(gpu: Gpu, all: Gpu[]): Finding | undefined {
  if (gpu.isMigEnabled !== true) return undefined;
  // Instances follow the GPU that they are part of.
  const after = all.slice(all.indexOf(gpu) + 1);
  const end = after.findIndex((one) => one.migProfile === null);
  const instances = end < 0 ? after : after.slice(0, end);
  const parts = instances.map((one) => `${one.migProfile}, ${bytesText(one.vramTotalBytes ?? 0)}`);
  const whole = 'To use it as one, if nobody needs the instances: nvidia-smi -mig 0, then restart what uses it.';
  return amber({
    id: 'hardware.gpu-mig',
    title: `${gpuName(gpu)} is split (MIG): ${parts.length > 0 ? parts.join('; ') : 'no instance is shown'}`,
    consequence:
      parts.length > 0
        ? 'A model server gets one instance, the first that it sees; instances cannot be joined.'
        : 'No program can use it as it is now.',
    remedies: [
      parts.length > 0
        ? steps('Choose a model that fits into one instance.', whole)
        : steps(
            'Make instances: nvidia-smi mig -lgip shows the profiles, nvidia-smi mig -cgi PROFILE -C makes one.',
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
    consequence: `GitLab's page on GPT-oss-120B asks for driver ${driverMajor} (CUDA 12.9) or newer; recent vLLM images may refuse older ones.`,
    remedies: [
      steps('Carry a newer driver package in a bundle and install it.', 'Or use a vLLM image made for this driver.'),
    ],
    howWeKnow: 'nvidia-smi, driver_version',
  });
}

function computes(gpu: Gpu): Finding | undefined {
  if (gpu.computeCapability === null || Number(gpu.computeCapability) >= capability) return undefined;
  return amber({
    id: 'hardware.gpu-capability',
    title: `${gpuName(gpu)} has compute capability ${gpu.computeCapability}`,
    consequence: 'vLLM needs 7.0 or higher (Volta and newer).',
    remedies: [steps('Use a newer GPU, or the embedded engine on the CPU.')],
    howWeKnow: 'nvidia-smi, compute_cap',
  });
}

function rocm(gpu: Gpu): Finding | undefined {
  if (gpu.vendor !== 'amd') return undefined;
  return amber({
    id: 'hardware.gpu-amd',
    title: `AMD GPU: ${gpu.name ?? 'name not known'}`,
    consequence: "GitLab's pages name NVIDIA only. vLLM runs on AMD with an image made for ROCm.",
    remedies: [steps('Put a ROCm image of vLLM into the bundle.', 'Or use the embedded engine on the CPU.')],
  });
}

function carveOut(gpu: Gpu): Finding | undefined {
  const { isIntegrated, vramTotalBytes, sharedBytes } = gpu;
  if (gpu.vendor !== 'amd' || !isIntegrated || vramTotalBytes === null || vramTotalBytes >= smallCarveOutBytes)
    return undefined;
  const besides = sharedBytes === null ? '' : `, and may use ${bytesText(sharedBytes)} of it besides`;
  return amber({
    id: 'hardware.gpu-carve-out',
    title: `${gpuName(gpu)} is part of the processor: ${bytesText(vramTotalBytes)} of memory is set aside for it${besides}`,
    consequence: 'Sealift counts on what is set aside alone, and plans with the CPU.',
    remedies: [
      steps(
        'Set more aside in the firmware settings (often "UMA frame buffer size"), restart, and check again.',
        'Or go on with the embedded engine on the CPU.',
      ),
    ],
    howWeKnow: 'mem_info_vram_total and mem_info_gtt_total of the amdgpu driver',
  });
}

function intel(gpu: Gpu): Finding | undefined {
  if (gpu.vendor !== 'intel' || gpu.vramSource !== 'intel') return undefined;
  return amber({
    id: 'hardware.gpu-intel',
    title: `Intel GPU with ${bytesText(gpu.vramTotalBytes ?? 0)} of its own memory`,
    consequence: 'Sealift starts no model server on it.',
    remedies: [
      steps(
        'Go on with the embedded engine on the CPU.',
        "Or serve the model with an engine in Intel's build, and name its address in site.yaml: engine: external",
      ),
    ],
    howWeKnow: 'physical_vram_size_bytes of the xe driver, or lmem_total_bytes of i915',
  });
}
