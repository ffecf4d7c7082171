import type { GpuMask } from '../../../shared/machine.ts';

const variables = [
  'CUDA_VISIBLE_DEVICES',
  'NVIDIA_VISIBLE_DEVICES',
  'HIP_VISIBLE_DEVICES',
  'ROCR_VISIBLE_DEVICES',
] as const;

/** Returns the variables that hide GPUs, and how many devices each leaves visible. Values are not kept: they may contain serial numbers. */
export function gpuMasks(env: NodeJS.ProcessEnv): GpuMask[] {
  return variables.flatMap((variable) => {
    const value = env[variable];
    if (value === undefined || value === 'all') return [];
    return [{ variable, visible: visibleCount(value) }];
  });
}

/** CUDA counts names up to the first invalid one (as documented, "-1" ends the list); "void" and "none" leave none. */
function visibleCount(value: string): number | null {
  const names = value.split(',').map((one) => one.trim());
  const end = names.findIndex((name) => !/^(\d{1,3}|\d{1,2}:\d{1,2}|(GPU|MIG)-[\w/-]+)$/.test(name));
  if (end <= 0) return end === 0 ? emptyOrUnknown(names[0] ?? '') : names.length;
  return end;
}

function emptyOrUnknown(name: string): number | null {
  return ['', '-1', 'void', 'none', 'NoDevFiles'].includes(name) ? 0 : null;
}
