import { join, resolve } from 'node:path';
import { bytesText } from '../../../shared/bytes-text.ts';
import { contract } from '../../../shared/contract/index.ts';
import type { HopResult } from '../../../shared/contract/probe.ts';
import { countText } from '../../../shared/count-text.ts';
import { secondsText } from '../../../shared/progress-text.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import type { Cli } from '../cli.ts';

interface Options {
  dir?: string;
  keep?: boolean;
  replace?: boolean;
  docker: boolean;
}
type Rehearsed = OutputOf<(typeof contract)['rehearse']['run']>;

/** Adds `sealift rehearse`. */
export function rehearseCommands(cli: Cli): void {
  cli.program
    .command('rehearse')
    .description('rehearse the whole job on this machine with a SIMULATED GitLab and AI Gateway, in a single folder')
    .option('--dir <dir>', 'the folder (default: rehearsal in the data folder)')
    .option('--keep', 'keep the site running and the media in place for inspection')
    .option('--no-docker', 'run the SIMULATED AI Gateway as a process even if Docker is available')
    .option('--replace', 'first remove a kept rehearsal from the folder')
    .action(
      cli.action({ writes: true }, async ({ client, follow }, options: Options) => {
        const { dir, keep = false, replace = false, docker } = options;
        const input = { ...(dir !== undefined && { dir: resolve(dir) }), keep, replace, docker };
        const data = await follow(contract.rehearse.run, client.rehearse.run(input));
        const lines = [
          ...data.probe.map(hopLine),
          `● Bundle ${data.bundle.id.slice(0, 12)}: ${bytesText(data.bundle.bytes)} in ${countText(data.bundle.blocks, 'block')}, signed by ${data.bundle.fingerprint.slice(0, 12)}`,
          dockerLine(data),
          `▲ SIMULATED: ${data.simulated.join(', ')}. The model server, the bundle and the report are real.`,
          `● Report: ${data.report}`,
          `  Done in ${secondsText(data.durationMs / 1000)}.`,
          ...keptLines(data),
        ];
        return { data, human: lines.join('\n') };
      }),
    );
}

function dockerLine({ docker }: Rehearsed): string {
  if (!docker.isUsed) return `○ Without Docker: ${docker.reason}.`;
  const { version, image, container } = docker;
  const ways = { registry: 'pulled from the media', load: 'loaded from the media', present: 'already present' };
  return `● Docker ${version}: image ${image.reference} ${ways[image.path]}, ran as ${container} [SIMULATED]`;
}

function keptLines({ kept, dir, site }: Rehearsed): string[] {
  if (!kept) return [];
  const there = `sealift --home ${shellWord(kept.home)}`;
  return [
    '  The site was kept. To open it in a browser:',
    `  - ${there} serve`,
    '  To inspect it here:',
    `  - ${there} status`,
    `  - ${there} logs --follow`,
    `  - ${there} probe ${shellWord(kept.siteFile)}`,
    `  To import its media elsewhere (${shellWord(join(dir, 'media'))}), trust its key by these words:`,
    `  ${kept.words}`,
    '  To remove it:',
    `  - ${there} uninstall --site ${site} --yes && rm -r ${shellWord(dir)}`,
  ];
}

function hopLine(hop: HopResult): string {
  const mark = hop.simulated ? ' [SIMULATED]' : '';
  const answer = hop.answer ? `  “${hop.answer}”` : '';
  return `${hop.ok ? '●' : '■'} ${hop.title}${mark}  ${hop.status ?? ''} ${Math.round(hop.latencyMs ?? 0)} ms${answer}`;
}
