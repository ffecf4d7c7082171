import { resolve } from 'node:path';
import { bytesText } from '../../../shared/bytes-text.ts';
import { contract } from '../../../shared/contract/index.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { plainText } from '../../../shared/plain-text.ts';
import { secondsText } from '../../../shared/progress-text.ts';
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts';
import { askYes, canAsk } from '../ask.ts';
import type { Cli, Session } from '../cli.ts';
import { columns } from '../columns.ts';
import { openLines } from '../finding-lines.ts';
import { mediaInput } from './bundle-read.ts';

/** The options of commands that import. */
export interface ImportOptions {
  store?: string;
  engine?: string;
  overrideUntrusted?: string;
  allowOlder?: boolean;
}

/** Adds `sealift import` and `sealift inventory`. */
export function importsCommands(cli: Cli): void {
  inventoryCommand(cli);
  cli.program
    .command('import <dir...>')
    .description('import the contents of the media into the store; with one slot, run it once per medium')
    .option('--store <dir>', "the store's folder (default: in the data folder)")
    .option('--engine <address>', 'container engine for images, such as unix:///run/docker.sock, or none')
    .option('--override-untrusted <reason>', 'continue without a signature by a trusted key; the reason is recorded')
    .option('--allow-older', 'import a bundle that is older than one already imported; this is recorded')
    .action(
      cli.action({ writes: true }, async (session, dirs: string[], options: ImportOptions) => {
        const input = {
          ...mediaInput('import', dirs, options),
          ...(options.store !== undefined && { store: resolve(options.store) }),
          ...(options.engine !== undefined && { engine: options.engine }),
          ...(options.allowOlder && { allowOlder: true }),
        };
        const data = await importOrAsk(session, input);
        return { data, human: importText(data), red: !data.isComplete };
      }),
    );
}

function inventoryCommand(cli: Cli): void {
  cli.program
    .command('inventory')
    .description(
      'write what this site has to a file for "bundle pack --base" and "upgrade plan": names, digests and sizes, and its GitLab version, engine and features',
    )
    .requiredOption('--out <file>', 'the file to write, which must not exist yet')
    .option('--store <dir>', "the store's folder (default: in the data folder)")
    .option('--engine <address>', 'container engine for images, such as unix:///run/docker.sock, or none')
    .option('--site <name>', 'name of the deployed site (default: the only one)')
    .action(
      cli.action({ writes: false }, async ({ client }, options: InventoryOptions) => {
        const data = await client.imports.inventory({
          out: resolve(options.out),
          ...(options.store !== undefined && { store: resolve(options.store) }),
          ...(options.engine !== undefined && { engine: options.engine }),
          ...(options.site !== undefined && { site: options.site }),
        });
        const rows = data.contents.map(({ kind, name, bytes }) => [kind, name, bytesText(bytes)]);
        const empty =
          rows.length === 0 ? ['No content was found here: has a bundle been imported to this store and engine?'] : [];
        const notes = [...empty, ...data.notes].map((note) => `▲ ${note}`);
        const lines = [`Inventory: ${data.path}`, ...columns(rows, '  '), ...notes];
        return { data, human: lines.join('\n') };
      }),
    );
}

interface InventoryOptions {
  out: string;
  site?: string;
  store?: string;
  engine?: string;
}

type Input = InputOf<typeof contract.imports.run>;

/** A person at a terminal may allow an older bundle or trust a successor's key; a script needs the option or the command. */
export async function importOrAsk(session: Session, input: Input): Promise<OutputOf<typeof contract.imports.run>> {
  try {
    return await session.follow(contract.imports.run, session.client.imports.run(input));
  } catch (thrown) {
    const next = thrown instanceof AppError && canAsk() ? await agreed(session, input, thrown) : undefined;
    if (!next) throw thrown;
    return importOrAsk(session, next);
  }
}

/** Returns what to import after a person said yes to what the refusal asks; undefined after a no and for other refusals. */
async function agreed(session: Session, input: Input, refused: AppError): Promise<Input | undefined> {
  const question = questions[refused.code];
  if (question === undefined) return undefined;
  session.say(plainText(`▲ ${refused.message}`));
  if (!(await askYes(question))) return undefined;
  if (refused.code === 'import.older') return { ...input, allowOlder: true };
  const { keyId, label } = refused.wire.details as { keyId: string; label: string };
  await session.client.keys.trust({ key: { fingerprint: keyId }, ...(label !== '' && { label }) });
  return input;
}

const questions: Record<string, string> = {
  'import.older': 'Import the older bundle anyway?',
  'bundle.new-key': 'Trust the new key?',
};

const howItCame = { registry: 'pulled', load: 'loaded', present: 'already present' };

/** Returns what an import did, for people. */
export function importText(data: OutputOf<typeof contract.imports.run>): string {
  const time = secondsText(data.durationMs / 1000);
  const lines = [
    data.isComplete
      ? `● Imported ${data.bundle.name} (${data.bundle.id}) in ${time}.`
      : `◐ Read ${data.read.join(', ')} of bundle ${data.bundle.id} in ${time}.`,
  ];
  const files = (kind: string, sets: typeof data.files) =>
    sets.map((one) => [kind, one.id, bytesText(one.bytes), one.path]);
  const images = data.images.map((one) => ['image', one.reference, one.imageId, howItCame[one.path]]);
  lines.push(...columns([...files('model', data.models), ...files('files', data.files), ...images], '  '));
  if (data.images.length > 0) lines.push(`  Sent to the container engine: ${bytesText(data.imageBytesSent)}.`);
  lines.push(
    `  Read ${bytesText(data.bytesRead)}, written ${bytesText(data.bytesWritten)}, ` +
      `resumed ${bytesText(data.resumedBytes)}, already present ${bytesText(data.skippedBytes)}.`,
  );
  for (const finding of data.findings) lines.push(...openLines(finding));
  return lines.join('\n');
}
