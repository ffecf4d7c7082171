import { resolve } from 'node:path';
import type { Command } from 'commander';
import { heldWords } from '../../../shared/bundle-evidence.ts';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { Cli } from '../cli.ts';
import { columns } from '../columns.ts';
import { moreLines } from '../more-lines.ts';

type Difference = OutputOf<typeof contract.bundle.diff>;
type Row = Difference['contents'][number];

/** Adds `sealift bundle diff`. */
export function bundleDiffCommand(group: Command, cli: Cli): void {
  group
    .command('diff <old> <new>')
    .description('say what a bundle changes and how much must be carried; each is media, a bundle.json or an inventory')
    .action(
      cli.action({ writes: false }, async ({ client }, before: string, after: string) => {
        const data = await client.bundle.diff({ before: resolve(before), after: resolve(after) });
        return { data, human: diffText(data) };
      }),
    );
}

const signs: Record<Row['change'], string> = { added: '+', changed: '~', same: '=', removed: '-' };

function diffText({ before, after, contents, contentCount, carryBytes }: Difference): string {
  const rows = contents.map((row) => [signs[row.change], row.kind, row.name, wordsOf(row)]);
  return [
    `From ${heldWords(before)} to ${heldWords(after)}:`,
    ...columns(rows, '  '),
    ...moreLines(contentCount - contents.length),
    carryBytes === 0 ? 'Nothing must be carried.' : `To carry: ${bytesText(carryBytes)}`,
  ].join('\n');
}

function wordsOf({ change, totalBytes, carryBytes, before }: Row): string {
  const size = bytesText(totalBytes);
  if (change === 'removed') return `no longer in it (${size})`;
  if (change === 'same') return `unchanged (${size})`;
  const share = carryBytes === totalBytes ? 'all to carry' : `${bytesText(carryBytes)} to carry`;
  if (change === 'added') return `new: ${size}, ${share}`;
  return `changed: ${bytesText(before?.totalBytes ?? 0)} before, ${size} now, ${share}`;
}
