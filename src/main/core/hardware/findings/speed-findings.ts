import { bytesText } from '../../../../shared/bytes-text.ts';
import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { DiskSpeed } from '../../../../shared/machine.ts';
import { amber, green } from './make-finding.ts';

/* About the best that a rotating disk reaches; an SSD on SATA reads at about 500 MB/s. */
const slowBytesPerSecond = 200e6;
/* Mistral Small 24B, the usual example (H-04e80ac1). */
const weightsBytes = 48e9;

/** Returns the finding about a measured disk: how long it takes to load weights. */
export function speedFindings(speed: DiskSpeed | null): Finding[] {
  if (!speed) return [];
  const rate = `${bytesText(speed.bytesPerSecond)}/s`;
  const minutes = Math.ceil(weightsBytes / Math.max(1, speed.bytesPerSecond) / 60);
  const id = 'hardware.disk-speed';
  const title = `${speed.path} reads ${rate}: loading 48 GB of weights takes about ${minutes} minute${minutes === 1 ? '' : 's'}`;
  const howWeKnow = `${bytesText(speed.readBytes)} read sequentially${speed.isDirect ? ', bypassing the page cache' : ''}`;
  if (!speed.isDirect) {
    return [
      amber({
        id,
        title: `${speed.path} reads ${rate}, possibly from the page cache`,
        consequence: 'Reads on this filesystem cannot bypass the cache, so the disk may be slower.',
        remedies: [steps('Measure a large file that has not been read since the machine started.')],
        howWeKnow,
      }),
    ];
  }
  if (speed.bytesPerSecond >= slowBytesPerSecond) return [green(id, title, howWeKnow)];
  return [
    amber({
      id,
      title,
      consequence: 'Each start of the model server takes this long.',
      remedies: [steps('Put the data folder on an SSD in this machine: --home DIR, or SEALIFT_HOME.')],
      howWeKnow,
    }),
  ];
}
