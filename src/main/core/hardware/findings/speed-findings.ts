import { bytesText } from '../../../../shared/bytes-text.ts';
import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { DiskSpeed } from '../../../../shared/machine.ts';
import { amber, green } from './make-finding.ts';

/* About what a rotating disk reaches at its best; an SSD on SATA reads at about 500 MB/s. */
const slowBytesPerSecond = 200e6;
/* Mistral Small 24B, the usual example (H-04e80ac1). */
const weightsBytes = 48e9;

/** What a measured disk means for loading weights. */
export function speedFindings(speed: DiskSpeed | null): Finding[] {
  if (!speed) return [];
  const rate = `${bytesText(speed.bytesPerSecond)}/s`;
  const minutes = Math.ceil(weightsBytes / Math.max(1, speed.bytesPerSecond) / 60);
  const id = 'hardware.disk-speed';
  const title = `${speed.path} reads ${rate}: 48 GB of weights take about ${minutes} minute${minutes === 1 ? '' : 's'}`;
  const howWeKnow = `${bytesText(speed.readBytes)} read in order${speed.isDirect ? ', past the page cache' : ''}`;
  if (!speed.isDirect) {
    return [
      amber({
        id,
        title: `${speed.path} gave ${rate}, but memory may have answered`,
        consequence: 'The filesystem does not read past its cache: the disk may be slower.',
        remedies: [steps('Measure a large file that was not read since the start of the machine.')],
        howWeKnow,
      }),
    ];
  }
  if (speed.bytesPerSecond >= slowBytesPerSecond) return [green(id, title, howWeKnow)];
  return [
    amber({
      id,
      title,
      consequence: 'Every start of the model server waits for this.',
      remedies: [steps('Put the data folder on an SSD in this machine: --home DIR, or SEALIFT_HOME.')],
      howWeKnow,
    }),
  ];
}
