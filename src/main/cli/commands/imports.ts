import { resolve } from 'node:path';
import { bytesText } from '../../../shared/bytes-text.ts';
import { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { Cli } from '../cli.ts';
import { secondsText } from '../progress.ts';
import { mediaInput } from './bundle-read.ts';

interface ImportOptions {
  store?: string;
  overrideUntrusted?: string;
}

/** Adds `sealift import`. */
export function importsCommands(cli: Cli): void {
  cli.program
    .command('import <dir...>')
    .description('bring what the media carry into the store; run it again to go on')
    .option('--store <dir>', "the store's folder (default: the one of the data folder)")
    .option('--override-untrusted <reason>', 'go on although no trusted key signed; the reason is recorded')
    .action(
      cli.action({ writes: true }, async (session, dirs: string[], options: ImportOptions) => {
        const store = options.store === undefined ? {} : { store: resolve(options.store) };
        const started = session.client.imports.run({ ...mediaInput(dirs, options), ...store });
        const data = await session.follow(contract.imports.run, started);
        return { data, human: importText(data) };
      }),
    );
}

function importText(data: OutputOf<typeof contract.imports.run>): string {
  const time = secondsText(data.durationMs / 1000);
  const lines = [`● Imported ${data.bundle.name} (${data.bundle.id}) in ${time}.`];
  for (const [kind, sets] of [
    ['model', data.models],
    ['files', data.files],
  ] as const) {
    for (const one of sets) lines.push(`  ${kind}  ${one.id}  ${bytesText(one.bytes)}  ${one.path}`);
  }
  lines.push(
    `  Read ${bytesText(data.bytesRead)}, written ${bytesText(data.bytesWritten)}, ` +
      `resumed ${bytesText(data.resumedBytes)}, there already ${bytesText(data.skippedBytes)}.`,
  );
  for (const finding of data.findings) lines.push(`▲ ${finding.title}`);
  return lines.join('\n');
}
