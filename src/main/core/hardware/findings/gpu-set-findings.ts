import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { GpuLink, GpuMask, Machine } from '../../../../shared/machine.ts';
import { amber, green } from './make-finding.ts';

const how = 'nvidia-smi topo -m';

/** Returns the findings about the GPUs together: how they are connected, and whether some are hidden. */
export function gpuSetFindings(machine: Machine): Finding[] {
  const wholeCount = machine.gpus.filter((gpu) => gpu.vendor !== 'intel' && gpu.migProfile === null).length;
  return [...links(machine.gpuLinks), ...machine.gpuMasks.flatMap((one) => mask(one, wholeCount) ?? [])];
}

function links(all: GpuLink[]): Finding[] {
  if (all.length === 0) return [];
  const words = [...new Set(all.map((one) => one.link))].sort();
  const id = 'hardware.gpu-links';
  if (words.every((word) => word.startsWith('NV')))
    return [green(id, `All GPUs are connected by NVLink (${words.join(', ')})`, how)];
  const far = all.filter((one) => one.link === 'SYS');
  if (far.length === 0)
    return [green(id, `The GPUs are connected by ${words.join(', ')}`, `${how}: links other than NV are PCIe`)];
  const pairs = far.slice(0, 3).map(({ from, to }) => `${from} and ${to}`);
  return [
    amber({
      id,
      title: `GPUs ${pairs.join(', ')}${far.length > 3 ? ' and more pairs' : ''} are connected only through the link between processors (SYS)`,
      consequence: 'A model split across these GPUs is slower than on GPUs of one processor.',
      remedies: [
        steps(
          'Choose a model that fits the GPUs of one processor. To see which belong together: nvidia-smi topo -m',
          'Or continue: the probe shows the real speed.',
        ),
      ],
      howWeKnow: how,
    }),
  ];
}

function mask({ variable, visible }: GpuMask, wholeCount: number): Finding | undefined {
  if (visible !== null && visible >= Math.max(1, wholeCount)) return undefined;
  const isGiven = variable === 'NVIDIA_VISIBLE_DEVICES';
  const left = visible === null ? 'an unknown number of GPUs' : `${visible} GPU${visible === 1 ? '' : 's'}`;
  return amber({
    id: 'hardware.gpu-hidden',
    title: `${variable} limits this process to ${left}`,
    consequence: isGiven
      ? 'This container can use no more. The machine may have others, free for other containers.'
      : 'Programs started from here do not see the others. Containers are not affected.',
    remedies: [
      isGiven
        ? steps('Start the container with all GPUs (docker run --gpus all), or check on the machine itself.')
        : steps(
            `Unset it where Sealift and its service are started: unset ${variable}`,
            'Or keep it if this is intended.',
          ),
    ],
    howWeKnow: 'the environment of this process',
  });
}
