import { bytesText } from '../../../../shared/bytes-text.ts';
import { command, steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Memory } from '../../../../shared/machine.ts';
import { type HardwareCatalog, requirementOf, sourceText } from '../../catalog/hardware-catalog.ts';
import { amber, green, red, type Trouble } from './make-finding.ts';

/* Less than this holds no model that is of use beside the tool itself (the smallest row, CodeGemma 2b at 4 bit, takes 1.5 GB). */
const hopelessBytes = 2 * 2 ** 30;
const busyBytes = 4 * 2 ** 30;

/** What is to say about the memory: its size against GitLab's minimum, limits, what others use, swap. */
export function memoryFindings(memory: Memory, catalog: HardwareCatalog): Finding[] {
  return [size(memory, catalog), ...limit(memory), ...available(memory), ...swap(memory), ...hugepages(memory)];
}

function size(memory: Memory, catalog: HardwareCatalog): Finding {
  const row = requirementOf(catalog, 'memory-total');
  const usable = memory.limitBytes ?? memory.totalBytes;
  const id = 'hardware.memory';
  const title = `Memory: ${bytesText(usable)}${memory.limitBytes === null ? '' : ` allowed of ${bytesText(memory.totalBytes)}`}`;
  const howWeKnow = `MemTotal of /proc/meminfo; the minimum: ${sourceText(catalog, row)}`;
  if (usable >= row.minimum) return green(id, title, howWeKnow);
  const remedies: Trouble['remedies'] = [
    steps('Add memory, or give the virtual machine or container more.', 'Or choose a small model.'),
    command('See which models fit into what is here', 'sealift models --fit'),
  ];
  if (usable < hopelessBytes) {
    return red({ id, title, consequence: 'No model of use fits into this.', remedies, howWeKnow });
  }
  const consequence = `GitLab asks a model host for ${row.words}. Smaller models fit all the same.`;
  return amber({ id, title, consequence, remedies, howWeKnow });
}

function limit(memory: Memory): Finding[] {
  if (memory.limitBytes === null) return [];
  return [
    amber({
      id: 'hardware.memory-limit',
      title: `A control group allows ${bytesText(memory.limitBytes)} of ${bytesText(memory.totalBytes)}`,
      consequence: 'What needs more is ended by the kernel, without a message of its own.',
      remedies: [
        steps(
          'In a container: start it with a larger limit (docker run --memory) or none.',
          'In a systemd service: raise MemoryMax= and restart it.',
        ),
      ],
      howWeKnow: 'memory.max or memory.limit_in_bytes of the control group of this process',
    }),
  ];
}

function available(memory: Memory): Finding[] {
  const id = 'hardware.memory-available';
  if (memory.availableBytes === null) return [];
  const title = `${bytesText(memory.availableBytes)} of memory available now`;
  if (memory.availableBytes >= busyBytes) return [green(id, title)];
  return [
    amber({
      id,
      title,
      consequence: 'Other processes hold the rest; a model that is loaded now would push them out or fail.',
      remedies: [steps('See who holds it: ps aux --sort=-rss | head', 'Stop what is not needed, then check again.')],
      howWeKnow: 'MemAvailable of /proc/meminfo, and the limit of the control group',
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
      consequence:
        'This machine has run short of memory before. Weights that are swapped out make answers take minutes.',
      remedies: [steps('Stop what is not needed.', 'Then empty the swap while nothing runs: swapoff -a && swapon -a')],
      howWeKnow: 'SwapTotal and SwapFree of /proc/meminfo',
    }),
  ];
}

function hugepages({ hugepagesBytes, totalBytes }: Memory): Finding[] {
  if (hugepagesBytes === null || hugepagesBytes <= totalBytes / 20) return [];
  return [
    amber({
      id: 'hardware.hugepages',
      title: `${bytesText(hugepagesBytes)} of memory is set aside as huge pages`,
      consequence: 'Model servers cannot use it, even while nobody does.',
      remedies: [
        steps(
          'If no database or virtual machine here needs them, as root: sysctl vm.nr_hugepages=0, then check again.',
        ),
      ],
      howWeKnow: 'Hugetlb, or HugePages_Total, of /proc/meminfo',
    }),
  ];
}
