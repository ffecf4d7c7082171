import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { GpuLink, GpuMask, Machine } from '../../../../shared/machine.ts';
import { amber, green } from './make-finding.ts';

const how = 'nvidia-smi topo -m';

/** What is to say about the GPUs together: how they reach each other, and whether some are hidden. */
export function gpuSetFindings(machine: Machine): Finding[] {
  const wholeCount = machine.gpus.filter((gpu) => gpu.vendor !== 'intel' && gpu.migProfile === null).length;
  return [...links(machine.gpuLinks), ...machine.gpuMasks.flatMap((one) => mask(one, wholeCount) ?? [])];
}

function links(all: GpuLink[]): Finding[] {
  if (all.length === 0) return [];
  const words = [...new Set(all.map((one) => one.link))].sort();
  const id = 'hardware.gpu-links';
  if (words.every((word) => word.startsWith('NV')))
    return [green(id, `Every GPU reaches every other by NVLink (${words.join(', ')})`, how)];
  const far = all.filter((one) => one.link === 'SYS');
  if (far.length === 0)
    return [green(id, `The GPUs reach each other by ${words.join(', ')}`, `${how}: not NV is PCIe`)];
  const pairs = far.slice(0, 3).map(({ from, to }) => `${from} and ${to}`);
  return [
    amber({
      id,
      title: `GPUs ${pairs.join(', ')}${far.length > 3 ? ' and more pairs' : ''} reach each other only from processor to processor (SYS)`,
      consequence: 'One model over such GPUs answers slower than over neighbours.',
      remedies: [
        steps(
          'Choose a model that fits the GPUs of one processor: nvidia-smi topo -m shows which belong together.',
          'Or go on: the probe will show the real speed.',
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
    title: `${variable} leaves ${left}`,
    consequence: isGiven
      ? 'This container was given no more; others of the machine may be free for other containers.'
      : 'Programs started from here do not see the others. Containers are not affected by it.',
    remedies: [
      isGiven
        ? steps('Start the container with all GPUs (docker run --gpus all), or check on the machine itself.')
        : steps(
            `Unset it where Sealift and its service are started: unset ${variable}`,
            'Or leave it if it is meant so.',
          ),
    ],
    howWeKnow: 'the environment of this process',
  });
}
