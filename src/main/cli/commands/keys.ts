import { resolve } from 'node:path';
import { keyLabel } from '../../../shared/contract/keys.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Cli } from '../cli.ts';

interface TrustOptions {
  file?: string;
  label?: string;
}

/** Adds `sealift key new|show|trust|untrust|list`. */
export function keysCommands(cli: Cli): void {
  const group = cli.program.command('key').description('signing keys of this machine, and the keys it trusts');
  group
    .command('new <name>')
    .description('make a key that signs bundles')
    .action(
      cli.action({ writes: true }, async ({ client }, name: string) => {
        const data = await client.keys.create({ name });
        return { data, human: `● Made the key ${data.name}.\n${fingerprintLines(data)}` };
      }),
    );
  group
    .command('show [name]')
    .description('show the fingerprint of a key, to be told to the other side')
    .action(
      cli.action({ writes: false }, async ({ client }, name?: string) => {
        const data = await client.keys.show({ ...(name !== undefined && { name }) });
        return { data, human: `Key ${data.name}\n${fingerprintLines(data)}` };
      }),
    );
  addTrust(cli, group);
  group
    .command('untrust <key...>')
    .description('take back the trust in a key, named by its label or its fingerprint (16 words or hex)')
    .action(
      cli.action({ writes: true }, async ({ client }, words: string[]) => {
        const data = await client.keys.untrust({ key: words.join(' ') });
        return { data, human: `● Not trusted any more: ${data.label ? `${data.label}, ` : ''}${data.words}` };
      }),
    );
  group
    .command('list')
    .description('list own and trusted keys')
    .action(
      cli.action({ writes: false }, async ({ client }) => {
        const data = await client.keys.list({});
        const own = data.own.map((key) => `  ${key.name.padEnd(16)} ${key.words}`);
        const trusted = data.trusted.map((key) => `  ${(key.label || '-').padEnd(16)} ${key.words}`);
        return { data, human: ['Own:', ...orNone(own), 'Trusted:', ...orNone(trusted)].join('\n') };
      }),
    );
}

function addTrust(cli: Cli, group: Cli['program']): void {
  group
    .command('trust [fingerprint...]')
    .description('trust a key by the fingerprint (16 words or hex) that came over another channel than the media')
    .option('--file <pub>', "the key's public key file instead")
    .option('--label <text>', 'whose key it is')
    .action(
      cli.action({ writes: true }, async ({ client }, words: string[], { file, label }: TrustOptions) => {
        if (label !== undefined && !keyLabel.safeParse(label).success) {
          const problem = `--label ${JSON.stringify(label)} is no label: write at most 100 characters on one line`;
          throw appError('usage.invalid', { problem, command: 'key trust' });
        }
        if (file !== undefined && words.length > 0) {
          const problem = 'give the fingerprint that came over another channel, or the file of the key, not both';
          throw appError('usage.invalid', { problem, command: 'key trust' });
        }
        const key = file === undefined ? { fingerprint: words.join(' ') } : { publicKeyFile: resolve(file) };
        const data = await client.keys.trust({ key, ...(label !== undefined && { label }) });
        const head = data.isNew ? '● Trusted from now on:' : '● Trusted already:';
        const caution = '  This must have come over another channel (phone, paper), never from the media.';
        return { data, human: `${head} ${data.words}\n${caution}` };
      }),
    );
}

function fingerprintLines(key: { words: string; fingerprint: string; publicKeyFile: string }): string {
  return [
    `  ${key.words}`,
    `  ${key.fingerprint}`,
    `  Public key: ${key.publicKeyFile}`,
    '  Tell the words to the other side by phone or on paper: the command key trust takes them there.',
  ].join('\n');
}

function orNone(lines: string[]): string[] {
  return lines.length > 0 ? lines : ['  none'];
}
