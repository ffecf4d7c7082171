import { resolve } from 'node:path';
import { keyLabel, revocationReason } from '../../../shared/contract/keys.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { type KeyCondition, keyConditionText } from '../../../shared/key-condition.ts';
import type { Cli } from '../cli.ts';
import { columns } from '../columns.ts';
import {
  askNewPassphrase,
  currentPassphrase,
  type PassphraseOptions,
  passphraseOption,
  readPassphrase,
  withPassphrase,
} from '../passphrase.ts';

interface TrustOptions {
  file?: string;
  label?: string;
}

/** Adds `sealift key new|show|trust|untrust|require|revoke|rotate|passphrase|list`. */
export function keysCommands(cli: Cli): void {
  const group = cli.program.command('key').description("manage this machine's signing keys and the keys it trusts");
  addNew(cli, group);
  group
    .command('show [name]')
    .description('show the fingerprint of a key, to tell the other side')
    .action(
      cli.action({ writes: false }, async ({ client }, name?: string) => {
        const data = await client.keys.show({ ...(name !== undefined && { name }) });
        return { data, human: `Key ${data.name}\n${fingerprintLines(data)}` };
      }),
    );
  addTrust(cli, group);
  addRevoke(cli, group);
  addRotate(cli, group);
  addPassphrase(cli, group);
  group
    .command('untrust <key...>')
    .description('stop trusting a key, given by its label or fingerprint (16 words or hex)')
    .action(
      cli.action({ writes: true }, async ({ client }, words: string[]) => {
        const data = await client.keys.untrust({ key: words.join(' ') });
        return { data, human: `● No longer trusted: ${data.label ? `${data.label}, ` : ''}${data.words}` };
      }),
    );
  group
    .command('require <1|2>')
    .description('import only bundles that so many people signed, each with a trusted key')
    .action(
      cli.action({ writes: true }, async ({ client }, given: string) => {
        if (given !== '1' && given !== '2')
          throw appError('usage.invalid', { problem: `"${given}" is not 1 or 2`, command: 'key require' });
        const data = await client.keys.require({ signatures: given === '2' ? 2 : 1 });
        return { data, human: `● An import needs ${given === '2' ? 'two signatures' : 'one signature'} from now on.` };
      }),
    );
  group
    .command('list')
    .description('list own and trusted keys')
    .action(
      cli.action({ writes: false }, async ({ client }) => {
        const data = await client.keys.list({});
        const own = data.own.map((key) => [key.name, key.words, ...conditionOf(key)]);
        const trusted = data.trusted.map((key) => [key.label || '-', key.words, ...conditionOf(key)]);
        return { data, human: ['Own:', ...keyLines(own), 'Trusted:', ...keyLines(trusted)].join('\n') };
      }),
    );
}

interface NewOptions extends PassphraseOptions {
  expires?: string;
  passphrase?: boolean;
}

function addNew(cli: Cli, group: Cli['program']): void {
  group
    .command('new <name>')
    .description('create a key for signing bundles')
    .option('--expires <date>', 'day from which importing machines warn about the key, such as 2027-12-31')
    .option('--passphrase', 'protect the private key by a passphrase, which is asked for')
    .option(...passphraseOption)
    .action(
      cli.action({ writes: true }, async ({ client }, name: string, options: NewOptions) => {
        const expires = options.expires === undefined ? {} : { expires: readDay(options.expires) };
        const passphrase = options.passphrase
          ? await askNewPassphrase('key new', passphraseOption[0])
          : (await readPassphrase(options)).passphrase;
        const data = await client.keys.create({ name, ...expires, ...(passphrase !== undefined && { passphrase }) });
        return { data, human: `● Created the key ${data.name}.\n${fingerprintLines(data)}` };
      }),
    );
}

function readDay(text: string): string {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  if (time && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text)) return time.toISOString();
  const problem = `--expires ${JSON.stringify(text)} is not a date such as 2027-12-31`;
  throw appError('usage.invalid', { problem, command: 'key new' });
}

interface RevokeOptions extends PassphraseOptions {
  reason: string;
  by?: string;
}

function addRevoke(cli: Cli, group: Cli['program']): void {
  group
    .command('revoke <key...>')
    .description('revoke an own key, or a key given by its fingerprint; every bundle packed from now on says so')
    .requiredOption('--reason <text>', 'why, for the people who trusted it')
    .option('--by <name>', 'own key that signs the revocation (default: the revoked one if it is an own key)')
    .option(...passphraseOption)
    .action(
      cli.action({ writes: true }, async ({ client }, words: string[], options: RevokeOptions) => {
        const { reason, by } = options;
        if (!revocationReason.safeParse(reason).success) {
          const problem = `--reason ${JSON.stringify(reason)} is not a valid reason: write 3 to 500 characters on one line`;
          throw appError('usage.invalid', { problem, command: 'key revoke' });
        }
        const input = { key: words.join(' '), reason, ...(by !== undefined && { by }) };
        const data = await withPassphrase(options, (given) => client.keys.revoke({ ...input, ...given }));
        const next = '  Every bundle packed here from now on carries this. Tell those who only have older media.';
        return { data, human: `● Revoked: ${data.words}\n  Signed by ${data.by}\n${next}` };
      }),
    );
}

interface RotateOptions extends PassphraseOptions {
  to?: string;
}

function addRotate(cli: Cli, group: Cli['program']): void {
  group
    .command('rotate [name]')
    .description('create the successor of a key: machines that trust the old key are offered the new one')
    .option('--to <name>', 'name of the new key (default: the old name with a number)')
    .option(...passphraseOption)
    .action(
      cli.action({ writes: true }, async ({ client }, name: string | undefined, options: RotateOptions) => {
        const input = { ...(name !== undefined && { name }), ...(options.to !== undefined && { to: options.to }) };
        const data = await withPassphrase(options, (given) => client.keys.rotate({ ...input, ...given }));
        return {
          data,
          human: `● Created the key ${data.name}, the successor of ${data.old}.\n${fingerprintLines(data)}`,
        };
      }),
    );
}

interface ProtectOptions extends PassphraseOptions {
  newPassphraseFile?: string;
  remove?: boolean;
}

const newPassphraseOption = '--new-passphrase-file <file>';

function addPassphrase(cli: Cli, group: Cli['program']): void {
  group
    .command('passphrase <name>')
    .description('protect an existing private key by a passphrase, change it, or remove it')
    .option(newPassphraseOption, 'file with the new passphrase, instead of asking for it')
    .option('--remove', 'store the private key without a passphrase')
    .option(...passphraseOption)
    .action(
      cli.action({ writes: true }, async ({ client }, name: string, options: ProtectOptions) => {
        const { newPassphraseFile, remove = false } = options;
        if (remove && newPassphraseFile !== undefined) {
          const problem = '--remove and --new-passphrase-file cannot be combined';
          throw appError('usage.invalid', { problem, command: 'key passphrase' });
        }
        const key = await client.keys.show({ name });
        const given = key.isEncrypted ? await currentPassphrase(options, name) : {};
        const newPassphrase = remove ? undefined : await readNewPassphrase(newPassphraseFile);
        const data = await client.keys.protect({
          name,
          ...given,
          ...(newPassphrase !== undefined && { newPassphrase }),
        });
        const what = data.isEncrypted ? 'is now protected by the new passphrase' : 'is now stored without a passphrase';
        const caution = '  Copies made before, backups for example, are as they were.';
        return { data, human: `● The private key ${data.name} ${what}.\n${caution}` };
      }),
    );
}

async function readNewPassphrase(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return askNewPassphrase('key passphrase', newPassphraseOption);
  return (await readPassphrase({ passphraseFile: file })).passphrase;
}

function conditionOf({ condition }: { condition: KeyCondition }): string[] {
  const mark = { valid: '', replaced: '', expired: '▲ ', revoked: '■ ' }[condition.state];
  return [`${mark}${keyConditionText(condition)}`];
}

function addTrust(cli: Cli, group: Cli['program']): void {
  group
    .command('trust [fingerprint...]')
    .description('trust a key by its fingerprint (16 words or hex), received through another channel than the media')
    .option('--file <pub>', 'public key file, instead of the fingerprint')
    .option('--label <text>', 'whose key it is')
    .action(
      cli.action({ writes: true }, async ({ client }, words: string[], { file, label }: TrustOptions) => {
        if (label !== undefined && !keyLabel.safeParse(label).success) {
          const problem = `--label ${JSON.stringify(label)} is not a valid label: write at most 100 characters on one line`;
          throw appError('usage.invalid', { problem, command: 'key trust' });
        }
        if (file !== undefined && words.length > 0) {
          const problem = 'a fingerprint and --file cannot be combined';
          throw appError('usage.invalid', { problem, command: 'key trust' });
        }
        const key = file === undefined ? { fingerprint: words.join(' ') } : { publicKeyFile: resolve(file) };
        const data = await client.keys.trust({ key, ...(label !== undefined && { label }) });
        const head = data.isNew ? '● Now trusted:' : '● Already trusted:';
        const caution = '  It must have come through another channel (phone, paper), never from the media.';
        return { data, human: `${head} ${data.words}\n${caution}` };
      }),
    );
}

function fingerprintLines(key: {
  words: string;
  fingerprint: string;
  publicKeyFile: string;
  sshFingerprint: string;
}): string {
  return [
    `  ${key.words}`,
    `  ${key.fingerprint}`,
    `  Public key: ${key.publicKeyFile}`,
    `  For ssh-keygen, which verifies Sealift's packages on the media: ${key.sshFingerprint}`,
    '  Tell the other side these words by phone or on paper; they enter them with the command key trust.',
  ].join('\n');
}

function keyLines(rows: string[][]): string[] {
  return rows.length > 0 ? columns(rows, '  ') : ['  none'];
}
