import { resolve } from 'node:path';
import { bytesText } from '../../../shared/bytes-text.ts';
import { contract } from '../../../shared/contract/index.ts';
import type { HopResult } from '../../../shared/contract/probe.ts';
import type { Cli } from '../cli.ts';
import { secondsText } from '../progress.ts';

/** Adds `sealift rehearse`. */
export function rehearseCommands(cli: Cli): void {
  cli.program
    .command('rehearse')
    .description(
      'the whole job on this machine with a SIMULATED GitLab and AI Gateway; changes nothing outside one folder',
    )
    .option('--dir <dir>', 'the folder (default: rehearsal in the data folder)')
    .option('--keep', 'leave the site running and the media there, to look at')
    .action(
      cli.action({ writes: true }, async ({ client, follow }, options: { dir?: string; keep?: boolean }) => {
        const input = { ...(options.dir && { dir: resolve(options.dir) }), keep: options.keep ?? false };
        const data = await follow(contract.rehearse.run, client.rehearse.run(input));
        const lines = [
          ...data.probe.map(hopLine),
          `● Bundle ${data.bundle.id.slice(0, 12)}: ${bytesText(data.bundle.bytes)} in ${data.bundle.blocks} blocks, signed by ${data.bundle.fingerprint.slice(0, 12)}`,
          `▲ SIMULATED: ${data.simulated.join(', ')}. The model server, the bundle and the report are real.`,
          `● Report: ${data.report}`,
          `  Done in ${secondsText(data.durationMs / 1000)}.`,
        ];
        return { data, human: lines.join('\n') };
      }),
    );
}

function hopLine(hop: HopResult): string {
  const mark = hop.simulated ? ' [SIMULATED]' : '';
  const answer = hop.answer ? `  “${hop.answer}”` : '';
  return `${hop.ok ? '●' : '■'} ${hop.title}${mark}  ${hop.status ?? ''} ${Math.round(hop.latencyMs ?? 0)} ms${answer}`;
}
