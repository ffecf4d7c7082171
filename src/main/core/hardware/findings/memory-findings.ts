import { bytesText } from '../../../../shared/bytes-text.ts';
import { command, steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Memory } from '../../../../shared/machine.ts';
import { type HardwareCatalog, requirementOf, sourceText } from '../hardware-catalog.ts';
import { amber, green, red, type Trouble } from './make-finding.ts';

/* With less than this, no useful model fits next to the tool itself (the smallest row, CodeGemma 2b at 4 bit, takes 1.5 GB). */
const hopelessBytes = 2 * 2 ** 30;
const busyBytes = 4 * 2 ** 30;

/** Returns the findings about the memory: its size against GitLab's minimum, limits, use by others, swap. */
export function memoryFindings(memory: Memory, catalog: HardwareCatalog): Finding[] {
  return [size(memory, catalog), ...limit(memory), ...available(memory), ...swap(memory), ...hugepages(memory)];
}

function size(memory: Memory, catalog: HardwareCatalog): Finding {
  const row = requirementOf(catalog, 'memory-total');
  const usable = memory.limitBytes ?? memory.totalBytes;
  const id = 'hardware.memory';
  const title = `Memory: ${bytesText(usable)}${memory.limitBytes === null ? '' : ` usable of ${bytesText(memory.totalBytes)}`}`;
  const howWeKnow = `MemTotal in /proc/meminfo; minimum: ${sourceText(catalog, row)}`;
  if (usable >= row.minimum) return green(id, title, howWeKnow);
  const remedies: Trouble['remedies'] = [
    steps('Add memory, or assign more to the virtual machine or container.', 'Or choose a small model.'),
    command('List the models that fit this machine', 'sealift models --fit'),
  ];
  if (usable < hopelessBytes) {
    return red({ id, title, consequence: 'No useful model fits into this memory.', remedies, howWeKnow });
  }
  const consequence = `GitLab's minimum for a model host is ${row.words}. Smaller models still fit.`;
  return amber({ id, title, consequence, remedies, howWeKnow });
}

function limit(memory: Memory): Finding[] {
  if (memory.limitBytes === null) return [];
  return [
    amber({
      id: 'hardware.memory-limit',
      title: `A control group limits memory to ${bytesText(memory.limitBytes)} of ${bytesText(memory.totalBytes)}`,
      consequence: 'The kernel kills processes that need more, without an error message.',
      remedies: [
        steps(
          'In a container: start it with a larger limit (docker run --memory) or none.',
          'In a systemd service: raise MemoryMax= and restart it.',
        ),
      ],
      howWeKnow: "memory.max or memory.limit_in_bytes of this process's control group",
    }),
  ];
}

function available(memory: Memory): Finding[] {
  const id = 'hardware.memory-available';
  if (memory.availableBytes === null) return [];
  const title = `${bytesText(memory.availableBytes)} of memory available`;
  if (memory.availableBytes >= busyBytes) return [green(id, title)];
  return [
    amber({
      id,
      title,
      consequence: 'Other processes use the rest. Loading a model now would push them into swap or fail.',
      remedies: [
        steps('See what uses it: ps aux --sort=-rss | head', 'Stop processes you do not need, then check again.'),
      ],
      howWeKnow: "MemAvailable in /proc/meminfo, and the control group's limit",
    }),
  ];
}

function swap(memory: Memory): Finding[] {
  if (memory.swapTotalBytes === null || memory.swapFreeBytes === null) return [];
  const used = memory.swapTotalBytes - memory.swapFreeBytes;
  if (used <= memory.totalBytes / 20) return [green('hardware.swap', `${bytesText(used)} of swap in use`)];
  return [
    amber({
      id: 'hardware.swap',
      title: `${bytesText(used)} of swap in use`,
      consequence: 'This machine has run out of memory before. If weights are swapped out, answers take minutes.',
      remedies: [
        steps(
          'Stop processes you do not need.',
          'Then empty the swap while nothing else runs: swapoff -a && swapon -a',
        ),
      ],
      howWeKnow: 'SwapTotal and SwapFree in /proc/meminfo',
    }),
  ];
}

function hugepages({ hugepagesBytes, totalBytes }: Memory): Finding[] {
  if (hugepagesBytes === null || hugepagesBytes <= totalBytes / 20) return [];
  return [
    amber({
      id: 'hardware.hugepages',
      title: `${bytesText(hugepagesBytes)} of memory is reserved as huge pages`,
      consequence: 'Model servers cannot use it, even when it is idle.',
      remedies: [
        steps(
          'If no database or virtual machine here needs them, as root: sysctl vm.nr_hugepages=0, then check again.',
        ),
      ],
      howWeKnow: 'Hugetlb or HugePages_Total in /proc/meminfo',
    }),
  ];
}
