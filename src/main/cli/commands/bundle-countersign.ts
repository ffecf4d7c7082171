import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type PassphraseOptions, passphraseOption, withPassphrase } from '../passphrase.ts';
import { mediaInput } from './bundle-read.ts';

interface CountersignFlags extends PassphraseOptions {
  key?: string;
}

/** Adds `sealift bundle countersign`. */
export function bundleCountersignCommand(group: Command, cli: Cli): void {
  group
    .command('countersign <dir...>')
    .description("add a second person's signature to a packed bundle, after they verified it")
    .option('--key <name|file>', 'their signing key (default: the only existing key)')
    .option(...passphraseOption)
    .action(
      cli.action({ writes: true }, async ({ client }, dirs: string[], flags: CountersignFlags) => {
        const { dirs: media } = mediaInput('bundle countersign', dirs, {});
        const input = { dirs: media, ...(flags.key !== undefined && { key: flags.key }) };
        const data = await withPassphrase(flags, (given) => client.bundle.countersign({ ...input, ...given }));
        const next =
          'The other side must trust both keys. To import only what two people signed: sealift key require 2';
        return { data, human: `● ${data.label} has the second signature: ${data.words}\n  ${next}` };
      }),
    );
}
