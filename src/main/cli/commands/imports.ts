import { resolve } from 'node:path';
import { bytesText } from '../../../shared/bytes-text.ts';
import { contract } from '../../../shared/contract/index.ts';
import { secondsText } from '../../../shared/progress-text.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { Cli } from '../cli.ts';
import { openLines } from '../finding-lines.ts';
import { mediaInput } from './bundle-read.ts';

interface ImportOptions {
  store?: string;
  engine?: string;
  overrideUntrusted?: string;
}

/** Adds `sealift import`. */
export function importsCommands(cli: Cli): void {
  cli.program
    .command('import <dir...>')
    .description('bring what the media carry into the store; run it with each medium in turn if there is one slot')
    .option('--store <dir>', "the store's folder (default: the one of the data folder)")
    .option('--engine <address>', 'container engine for images, such as unix:///run/docker.sock, or none')
    .option('--override-untrusted <reason>', 'go on although no trusted key signed; the reason is recorded')
    .action(
      cli.action({ writes: true }, async (session, dirs: string[], options: ImportOptions) => {
        const store = options.store === undefined ? {} : { store: resolve(options.store) };
        const engine = options.engine === undefined ? {} : { engine: options.engine };
        const started = session.client.imports.run({ ...mediaInput('import', dirs, options), ...store, ...engine });
        const data = await session.follow(contract.imports.run, started);
        return { data, human: importText(data), red: !data.isComplete };
      }),
    );
}

const howItCame = { registry: 'pulled', load: 'loaded', present: 'there already' };

function importText(data: OutputOf<typeof contract.imports.run>): string {
  const time = secondsText(data.durationMs / 1000);
  const lines = [
    data.isComplete
      ? `● Imported ${data.bundle.name} (${data.bundle.id}) in ${time}.`
      : `◐ Read ${data.read.join(', ')} of the bundle ${data.bundle.id} in ${time}.`,
  ];
  for (const [kind, sets] of [
    ['model', data.models],
    ['files', data.files],
  ] as const) {
    for (const one of sets) lines.push(`  ${kind}  ${one.id}  ${bytesText(one.bytes)}  ${one.path}`);
  }
  for (const image of data.images)
    lines.push(`  image  ${image.reference}  ${image.imageId}  ${howItCame[image.path]}`);
  if (data.images.length > 0) lines.push(`  Given to the container engine: ${bytesText(data.imageBytesSent)}.`);
  lines.push(
    `  Read ${bytesText(data.bytesRead)}, written ${bytesText(data.bytesWritten)}, ` +
      `resumed ${bytesText(data.resumedBytes)}, there already ${bytesText(data.skippedBytes)}.`,
  );
  for (const finding of data.findings) lines.push(...openLines(finding));
  return lines.join('\n');
}
