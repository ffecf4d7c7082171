import { resolve } from 'node:path';
import type { Command } from 'commander';
import { heldWords, scanText, unsignedDoubt } from '../../../shared/bundle-evidence.ts';
import { bytesText } from '../../../shared/bytes-text.ts';
import { type Damage, isAbsent, overrideReason } from '../../../shared/contract/bundle-read.ts';
import { contract } from '../../../shared/contract/index.ts';
import { countText } from '../../../shared/count-text.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { secondsText } from '../../../shared/progress-text.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { Cli } from '../cli.ts';
import { columns } from '../columns.ts';
import { findingLines } from '../finding-lines.ts';
import { moreLines } from '../more-lines.ts';
import { remedyLines } from '../print.ts';

interface OverrideOptions {
  overrideUntrusted?: string;
}

/** Adds `sealift bundle verify|inspect` to the group `bundle`. */
export function bundleReadCommands(group: Command, cli: Cli): void {
  const override = [
    '--override-untrusted <reason>',
    'continue without a signature by a trusted key; the reason is recorded',
  ] as const;
  group
    .command('verify <dir...>')
    .description('read every block of the media and report all damage')
    .option(...override)
    .action(
      cli.action({ writes: false }, async (session, dirs: string[], options: OverrideOptions) => {
        const started = session.client.bundle.verify(mediaInput('bundle verify', dirs, options));
        const data = await session.follow(contract.bundle.verify, started);
        return { data, human: verifyText(data), red: data.damageCount > 0 || isRefused(data) };
      }),
    );
  group
    .command('inspect <dir...>')
    .description('show what the media contain, who signed them and what is missing')
    .option(...override)
    .action(
      cli.action({ writes: false }, async ({ client }, dirs: string[], options: OverrideOptions) => {
        const data = await client.bundle.inspect(mediaInput('bundle inspect', dirs, options));
        return { data, human: inspectText(data), red: data.damageCount > 0 };
      }),
    );
}

/** Returns the media input from the command line, with absolute folders. Throws `usage.invalid`. */
export function mediaInput(
  command: string,
  given: string[],
  options: OverrideOptions,
): { dirs: string[]; overrideReason?: string } {
  const dirs = given.map((dir) => resolve(dir));
  const twice = dirs.find((dir, at) => dirs.indexOf(dir) < at);
  if (twice !== undefined) throw appError('usage.invalid', { problem: `${twice} is named twice`, command });
  const reason = options.overrideUntrusted;
  if (reason !== undefined && !overrideReason.safeParse(reason).success) {
    const problem = `--override-untrusted ${JSON.stringify(reason)} is not a valid reason: write 3 to 500 characters on one line, which will appear in the report`;
    throw appError('usage.invalid', { problem, command });
  }
  return { dirs, ...(reason !== undefined && { overrideReason: reason }) };
}

type Verified = OutputOf<typeof contract.bundle.verify>;

function isRefused(data: Verified): boolean {
  return data.findings.some((one) => one.severity === 'red');
}

function verifyHead(data: Verified): string {
  const read = `${countText(data.blocksChecked, 'block')}, ${bytesText(data.bytesChecked)} in ${secondsText(data.durationMs / 1000)}`;
  const labels = data.media.map((one) => one.label).join(', ');
  if (isRefused(data)) return `■ An import will refuse this bundle (${read}).`;
  if (data.damageCount === 0)
    return data.repairedBlocks === undefined
      ? `● Everything is as signed: ${labels} (${read}).`
      : `▲ Everything is as signed, but only with the blocks of the repair: ${labels} (${read}).`;
  return data.damage.every(isAbsent)
    ? `▲ These media are as signed: ${labels} (${read}). But the bundle is incomplete:`
    : `■ Found damage in ${data.damageCount} ${data.damageCount === 1 ? 'place' : 'places'} (${read}).`;
}

function verifyText(data: Verified): string {
  const more = data.damageCount - data.damage.length;
  return [
    verifyHead(data),
    signerLine(data.signature),
    ...data.damage.slice(0, 100).map(damageLine),
    ...(data.damage.length > 100 || more > 0 ? [`  … ${data.damageCount - 100} more; --json lists them.`] : []),
    ...findingLines(data.findings),
    ...(data.remedies.length > 0 ? ['What to do:', ...data.remedies.flatMap(remedyLines)] : []),
  ].join('\n');
}

const damageWords: Record<Damage['kind'], string> = {
  block: 'damaged block',
  truncated: 'is too short',
  'too-long': 'is longer than signed',
  unreadable: 'cannot be read',
  'missing-file': 'missing file',
  'missing-medium': 'missing medium',
  'missing-head': 'missing table of contents of the bundle (it is on the last medium)',
  'not-a-file': 'is a link or device instead of a file',
  digest: 'has a different digest as a whole',
};

function damageLine(one: Damage): string {
  const place =
    one.kind === 'block' || one.kind === 'unreadable' ? `, block ${one.block} at byte ${one.offsetBytes}` : '';
  const found = one.foundBytes === undefined ? '' : `: it has ${one.foundBytes} bytes`;
  const signed = one.kind === 'truncated' ? ` of ${one.offsetBytes + one.lengthBytes}` : '';
  const contents = one.contents ? ` (${one.contents.join(', ')})` : '';
  const file = one.files ? `, in the file ${one.files.join(', ')}` : '';
  return `  ■ ${one.medium}: ${one.path}${contents}${place}: ${damageWords[one.kind]}${found}${signed}${file}`;
}

function inspectText(data: OutputOf<typeof contract.bundle.inspect>): string {
  const by = data.packedBy === undefined ? '' : ` by ${data.packedBy}`;
  const lines = [
    `Bundle ${data.name ?? data.id} (${data.id}), created ${data.created}${by}`,
    signerLine(data.signature),
    ...secondLines(data.signature),
    ...scanLines(data),
  ];
  if (data.base) {
    lines.push(
      `  ▲ Carries only what ${heldWords(data.base)} lacks; ${bytesText(data.base.leftOutBytes)} are left out`,
    );
  }
  for (const one of data.media) {
    lines.push(
      `  ● ${one.label}: medium ${one.ordinal}, ${countText(one.files, 'file')}, ${bytesText(one.sizeBytes)}, ${one.path ?? ''}`,
    );
  }
  for (const one of data.missingMedia) lines.push(`  ▲ ${one.label}: medium ${one.ordinal} is missing`);
  if (!data.isHeadSeen) lines.push("  ▲ The bundle's table of contents is on the last medium, which is missing.");
  lines.push('Contents:');
  const rows = data.contents.map((one) => {
    const own = one.isPublisherDigest === false && one.kind === 'image' ? ", not the publisher's digest" : '';
    const licence = one.licence === undefined ? '' : `, licence ${one.licence}`;
    return [one.kind, one.name, `${bytesText(one.totalBytes)}${own}${licence}`];
  });
  lines.push(...columns(rows, '  '), ...moreLines(data.contentCount - data.contents.length));
  for (const { name, origins = [], originCount = 0 } of data.contents) {
    for (const { url, digest } of origins) lines.push(`    ${name} from ${url} (${digest})`);
    lines.push(...moreLines(originCount - origins.length, '    '));
  }
  lines.push(...data.damage.map(damageLine), ...moreLines(data.damageCount - data.damage.length));
  return lines.join('\n');
}

function scanLines({ scan, signature: { trusted } }: OutputOf<typeof contract.bundle.inspect>): string[] {
  if (!scan) return [];
  return [`  ${trusted ? '●' : '▲'} ${scanText(scan, trusted ? undefined : unsignedDoubt)}`];
}

function secondLines({ second }: OutputOf<typeof contract.bundle.inspect>['signature']): string[] {
  if (!second) return [];
  return [
    `  ${second.trusted ? '●' : '▲'} signed by a second person too: ${second.words} (${second.trusted ? '' : 'NOT '}trusted)`,
  ];
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
