import { boundedText } from '../../../../shared/bounded-text.ts';
import type { ScanResult } from '../../../../shared/bundle-evidence.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { plainLine } from '../../../../shared/plain-text.ts';
import { scanWords } from '../../../../shared/scan-command.ts';
import { runLong } from '../../processes/run-long.ts';
import type { Work } from '../../work.ts';
import type { PackMedium } from './write-medium.ts';

const keptLines = 40;
/** Common scanners end with it when they report a finding. */
const findingCode = 1;

/**
 * Runs the packer's scanner over each medium, with the medium's folder as its last argument. Exit code 0 means that it reports nothing.
 * Throws `pack.infected` for 1 and `pack.scan-failed` for all others, so that a bundle is only signed after 0.
 */
export async function scanMedia(
  command: string,
  media: Pick<PackMedium, 'label' | 'target'>[],
  { work, now }: { work: Work; now(): Date },
): Promise<ScanResult> {
  work.step('scan', `Scanning with ${command}`);
  const output: string[] = [];
  for (const { label, target } of media) {
    const lines: string[] = [];
    const say = (line: string) => {
      const text = boundedText(plainLine(line));
      if (text === '') return;
      work.log(text);
      lines.push(text);
      if (lines.length > keptLines) lines.shift();
    };
    const argv = [...scanWords(command), target.path];
    const { exitCode, problem } = await runLong(argv, { signal: work.signal, say });
    if (exitCode === findingCode) throw appError('pack.infected', { command, label, lines });
    if (exitCode !== 0)
      throw appError('pack.scan-failed', { command, label, reason: problem ?? `exit code ${exitCode}`, lines });
    output.push(...lines.slice(-Math.floor(keptLines / media.length) || -1));
  }
  return { command, endedAt: now().toISOString(), output: output.slice(-keptLines) };
}
