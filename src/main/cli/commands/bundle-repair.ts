import { resolve } from 'node:path';
import type { Command } from 'commander';
import { bytesText } from '../../../shared/bytes-text.ts';
import { contract } from '../../../shared/contract/index.ts';
import { countText } from '../../../shared/count-text.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import type { Cli } from '../cli.ts';
import { collect } from '../collect.ts';
import { mediaInput } from './bundle-read.ts';

interface RequestFlags {
  out: string;
  overrideUntrusted?: string;
}

interface RepairFlags {
  from?: string[];
  source?: string;
  for?: string;
  to: string;
}

/** Adds `sealift bundle repair-request|repair`. */
export function bundleRepairCommands(group: Command, cli: Cli): void {
  group
    .command('repair-request <dir...>')
    .description('read every block of damaged media and write which ones must be brought again')
    .requiredOption('--out <file>', 'the file to write, for the side that has another copy')
    .option('--override-untrusted <reason>', 'continue without a signature by a trusted key')
    .action(
      cli.action({ writes: false }, async ({ client, follow }, dirs: string[], flags: RequestFlags) => {
        const input = { ...mediaInput('bundle repair-request', dirs, flags), out: resolve(flags.out) };
        const data = await follow(contract.bundle.requestRepair, client.bundle.requestRepair(input));
        const count = countText(data.blocks, 'block');
        const lines = [
          `● ${data.path}: ${count} of ${data.media.join(', ')}, ${bytesText(data.bytes)}`,
          'Carry it to the side that has another copy. There, run:',
          `  sealift bundle repair ${shellWord(data.path)} --from COPY --to FOLDER`,
          'Without another copy, --source BUNDLE.yaml instead of --from fetches them from where they were packed from.',
        ];
        return { data, human: lines.join('\n') };
      }),
    );
  group
    .command('repair <REQUEST>')
    .description(
      'copy the blocks that a request asks for, from another copy of the media or from where they were packed from, to be imported beside them',
    )
    .option('--from <dir>', 'medium of another copy (repeatable)', collect)
    .option(
      '--source <BUNDLE.yaml>',
      "fetch only these blocks from the sources of the bundle's description, as its lock file has them",
    )
    .option('--for <readiness.json>', 'the machine that models were chosen for, if --for was used for packing')
    .requiredOption('--to <dir>', 'folder for the blocks')
    .action(
      cli.action({ writes: false }, async ({ client, follow }, request: string, flags: RepairFlags) => {
        if ((flags.from === undefined) === (flags.source === undefined)) {
          const problem = 'name either the media of another copy (--from) or the description of the bundle (--source)';
          throw appError('usage.invalid', { problem, command: 'bundle repair' });
        }
        const started = client.bundle.repair({
          request: resolve(request),
          to: resolve(flags.to),
          ...(flags.from !== undefined && { from: flags.from.map((dir) => resolve(dir)) }),
          ...(flags.source !== undefined && { spec: resolve(flags.source) }),
          ...(flags.for !== undefined && { readinessPath: resolve(flags.for) }),
        });
        const data = await follow(contract.bundle.repair, started);
        const where = flags.source === undefined ? 'copy' : 'source';
        return { data, human: repairText(data, where), red: data.missingCount > 0 };
      }),
    );
}

function repairText(data: OutputOf<typeof contract.bundle.repair>, where: 'copy' | 'source'): string {
  const copied = `${data.path}: ${countText(data.blocks, 'block')}, ${bytesText(data.bytes)}`;
  const next = ['Name its folder beside the damaged media:', '  sealift import MEDIUM FOLDER'];
  return [
    data.blocks === 0
      ? `■ This ${where} has none of the blocks: nothing was written.`
      : `${data.missingCount > 0 ? '▲' : '●'} ${copied}`,
    ...data.missing
      .slice(0, 20)
      .map((one) => `  ■ not in this ${where}: block ${one.block} of ${one.path} (${one.medium})`),
    ...(data.missingCount > 20 ? [`  … ${data.missingCount - 20} more`] : []),
    ...(data.blocks === 0 ? [] : next),
  ].join('\n');
}
