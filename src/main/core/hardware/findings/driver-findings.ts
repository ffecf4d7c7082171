import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { gpuName } from '../../../../shared/gpu-name.ts';
import type { Machine } from '../../../../shared/machine.ts';
import { type HardwareCatalog, sourceText } from '../hardware-catalog.ts';
import { amber } from './make-finding.ts';

/** A text of the driver or its tool, and the GPU that it is about where that is known from elsewhere. */
interface Message {
  id: 'list' | 'no-list';
  text: string;
  about: string | null;
}

/** Returns the findings about the NVIDIA driver: why GPUs are unknown, and what its tool printed besides their list. One for each cause and GPU. */
export function driverFindings(machine: Machine, catalog: HardwareCatalog): Finding[] {
  const found = messagesOf(machine).map((one) => driverFinding(one, catalog));
  return found.filter((one, at) => found.findIndex(({ id, title }) => id === one.id && title === one.title) === at);
}

function messagesOf({ gpus, gpuMessages, notKnown }: Machine): Message[] {
  return [
    ...notKnown.flatMap(({ what, why }) =>
      what === 'gpus' ? [{ id: 'no-list' as const, text: why, about: null }] : [],
    ),
    ...gpuMessages.map((text) => ({ id: 'list' as const, text, about: null })),
    ...gpus.flatMap((gpu, at) =>
      gpu.driverSays === null
        ? []
        : [{ id: 'list' as const, text: gpu.driverSays, about: `GPU ${at}, ${gpuName(gpu)}` }],
    ),
  ];
}

function driverFinding({ id, text, about }: Message, catalog: HardwareCatalog): Finding {
  const row = catalog.driverMessages.find((one) => one.pattern.test(text));
  const gpu = about ?? addressIn(text) ?? 'a GPU';
  // Only sentences of the catalogue: a program's name starts some of the others.
  const named = (sentence: string) =>
    sentence.replace(/^\{gpu\}/, gpu.charAt(0).toUpperCase() + gpu.slice(1)).replace('{gpu}', gpu);
  return amber({
    id: id === 'no-list' ? 'hardware.gpu-not-known' : `hardware.gpu-${row?.id ?? 'message'}`,
    title: named(row?.title ?? (id === 'list' ? `nvidia-smi reports: ${text}` : 'The NVIDIA GPUs are unknown')),
    consequence: named(row?.consequence ?? (about === null ? other[id] : unused)),
    remedies: [
      steps(
        ...(row?.steps ?? [
          'Read what it prints, and which program it is: command -v nvidia-smi; nvidia-smi',
          'Look for GPU errors: dmesg | grep -i -e nvrm -e xid',
        ]),
      ),
    ],
    howWeKnow: row ? `${text} (${sourceText(catalog, row)})` : text,
  });
}

/* A GPU with a text in place of a figure has no reliable figures. */
const unused = 'Sealift does not know this message, and plans without the GPU.';
const other = {
  list: 'Sealift does not know this message. The GPUs that are listed are counted.',
  'no-list': 'Sealift plans without NVIDIA GPUs until nvidia-smi lists them.',
};

/** The PCI address in a message, with or without a space after "GPU". */
function addressIn(text: string): string | undefined {
  const address = /\bGPU\s?([0-9a-f]{1,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])/i.exec(text)?.[1];
  return address && `GPU ${address}`;
}
