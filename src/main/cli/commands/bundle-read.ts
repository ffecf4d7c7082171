import { resolve } from 'node:path';
import type { Command } from 'commander';
import { bytesText } from '../../../shared/bytes-text.ts';
import { type Damage, overrideReason } from '../../../shared/contract/bundle-read.ts';
import { contract } from '../../../shared/contract/index.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { secondsText } from '../../../shared/progress-text.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { Cli } from '../cli.ts';
import { remedyLines } from '../print.ts';

interface OverrideOptions {
  overrideUntrusted?: string;
}

/** Adds `sealift bundle verify|inspect` to the group `bundle`. */
export function bundleReadCommands(group: Command, cli: Cli): void {
  const override = [
    '--override-untrusted <reason>',
    'go on although no trusted key signed; the reason is recorded',
  ] as const;
  group
    .command('verify <dir...>')
    .description('read every block of the media and name all damage')
    .option(...override)
    .action(
      cli.action({ writes: false }, async (session, dirs: string[], options: OverrideOptions) => {
        const started = session.client.bundle.verify(mediaInput('bundle verify', dirs, options));
        const data = await session.follow(contract.bundle.verify, started);
        return { data, human: verifyText(data), red: data.damageCount > 0 };
      }),
    );
  group
    .command('inspect <dir...>')
    .description('show what the media carry, who signed them and what is missing')
    .option(...override)
    .action(
      cli.action({ writes: false }, async ({ client }, dirs: string[], options: OverrideOptions) => {
        const data = await client.bundle.inspect(mediaInput('bundle inspect', dirs, options));
        return { data, human: inspectText(data), red: data.damage.length > 0 };
      }),
    );
}

/** The input that names media on the command line: folders become absolute. Throws `usage.invalid`. */
export function mediaInput(
  command: string,
  dirs: string[],
  options: OverrideOptions,
): { dirs: string[]; overrideReason?: string } {
  const reason = options.overrideUntrusted;
  if (reason !== undefined && !overrideReason.safeParse(reason).success) {
    const problem = `--override-untrusted ${JSON.stringify(reason)} is no reason: write 3 to 500 characters on one line, it will stand in the report`;
    throw appError('usage.invalid', { problem, command });
  }
  return { dirs: dirs.map((dir) => resolve(dir)), ...(reason !== undefined && { overrideReason: reason }) };
}

function verifyText(data: OutputOf<typeof contract.bundle.verify>): string {
  const read = `${data.blocksChecked} blocks, ${bytesText(data.bytesChecked)} in ${secondsText(data.durationMs / 1000)}`;
  const labels = data.media.map((one) => one.label).join(', ');
  const isOnlyAbsent = data.damage.every((one) => one.kind === 'missing-medium' || one.kind === 'missing-head');
  const head =
    data.damageCount === 0
      ? `● All as signed: ${labels} (${read}).`
      : isOnlyAbsent
        ? `▲ What is there is as signed: ${labels} (${read}). But not all of the bundle is there:`
        : `■ Not as signed in ${data.damageCount} ${data.damageCount === 1 ? 'place' : 'places'} (${read}).`;
  const more = data.damageCount - data.damage.length;
  return [
    head,
    signerLine(data.signature),
    ...data.damage.slice(0, 100).map(damageLine),
    ...(data.damage.length > 100 || more > 0 ? [`  … ${data.damageCount - 100} more; --json lists them.`] : []),
    ...(data.remedies.length > 0 ? ['What to do:', ...data.remedies.flatMap(remedyLines)] : []),
  ].join('\n');
}

const damageWords: Record<Damage['kind'], string> = {
  block: 'damaged block',
  truncated: 'ends too early',
  'too-long': 'is longer than signed',
  unreadable: 'cannot be read',
  'missing-file': 'missing file',
  'missing-medium': 'medium not there',
  'missing-head': 'list of the whole bundle not seen (it is on the last medium)',
  'extra-file': 'not signed, lies there',
  'not-a-file': 'a link or device instead of a file',
  digest: 'whole has another digest',
};

function damageLine(one: Damage): string {
  const place =
    one.kind === 'block' || one.kind === 'unreadable' ? `, block ${one.block} at byte ${one.offsetBytes}` : '';
  const found = one.foundBytes === undefined ? '' : `: it has ${one.foundBytes} bytes`;
  const signed = one.kind === 'truncated' ? ` of ${one.offsetBytes + one.lengthBytes}` : '';
  const contents = one.contents ? ` (${one.contents.join(', ')})` : '';
  return `  ■ ${one.medium}: ${one.path}${contents}${place}: ${damageWords[one.kind]}${found}${signed}`;
}

function inspectText(data: OutputOf<typeof contract.bundle.inspect>): string {
  const lines = [`Bundle ${data.name ?? data.id} (${data.id}), made ${data.created}`, signerLine(data.signature)];
  for (const one of data.media) {
    lines.push(
      `  ● ${one.label}: medium ${one.ordinal}, ${one.files} files, ${bytesText(one.sizeBytes)}, ${one.path ?? ''}`,
    );
  }
  for (const one of data.missingMedia) lines.push(`  ▲ ${one.label}: medium ${one.ordinal} is not there`);
  if (!data.isHeadSeen) lines.push('  ▲ The list of the whole bundle is on the last medium, which is not there.');
  lines.push('Carries:');
  for (const one of data.contents) {
    const own = one.isPublisherDigest === false && one.kind === 'image' ? ", not the publisher's digest" : '';
    const licence = one.licence === undefined ? '' : `, licence ${one.licence}`;
    lines.push(`  ${one.kind.padEnd(6)} ${one.name}  ${bytesText(one.totalBytes)}${own}${licence}`);
  }
  for (const one of data.damage) lines.push(damageLine(one));
  return lines.join('\n');
}

function signerLine(signature: {
  keyId: string;
  words: string;
  trusted: boolean;
  overrideReason?: string | undefined;
}): string {
  const who = signature.keyId === '' ? 'not signed' : `signed by ${signature.words}`;
  if (signature.trusted) return `  ● ${who} (trusted)`;
  return `  ▲ ${who} (NOT trusted; override: ${signature.overrideReason ?? ''})`;
}
