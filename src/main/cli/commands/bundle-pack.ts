import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { heldWords } from '../../../shared/bundle-evidence.ts';
import { bytesText } from '../../../shared/bytes-text.ts';
import { type AcceptedLicences, leastPartBytes, pack, packPlan } from '../../../shared/contract/pack.ts';
import { countText } from '../../../shared/count-text.ts';
import { planDoubt, planSizeWords } from '../../../shared/plan-sizes.ts';
import { secondsText } from '../../../shared/progress-text.ts';
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts';
import { acceptLicences } from '../accept-licences.ts';
import type { Cli, Outcome, Session } from '../cli.ts';
import { collect } from '../collect.ts';
import { onlyOnce } from '../only-once.ts';
import { type PassphraseOptions, passphraseOption, withPassphrase } from '../passphrase.ts';
import { readSize } from '../read-size.ts';
import { movedOption, neededLines } from './bundle-needs.ts';

interface PackFlags extends PassphraseOptions {
  to: string[];
  partSize?: string;
  mediumSize?: string;
  key?: string;
  head?: string;
  for?: string;
  base?: string;
  plan?: boolean;
  by?: string;
  scan?: string;
  moved?: 'keep' | 'take';
  overwrite?: boolean;
  plainFolder?: boolean;
  acceptLicence?: (string | typeof described)[];
  readBack: boolean;
}

/** Stands for `--accept-licence` without a name. Not a text, so that an empty variable of a script is none. */
const described = true;

/** Adds `sealift bundle pack`. */
export function bundlePackCommand(group: Command, cli: Cli): void {
  const plan = cli.action({ writes: false }, runPlan);
  const write = cli.action({ writes: true }, runPack);
  group
    .command('pack <BUNDLE.yaml>')
    .description('pack models, images and files onto signed media')
    .requiredOption('--to <dir>', 'folder of a medium (repeatable)', collect)
    .option('--part-size <size>', 'maximum file size, such as 1GiB (default: just under 4 GiB)')
    .option('--medium-size <size>', 'maximum size of a medium, such as 16GB (default: its free space)')
    .option('--key <name|file>', 'signing key (default: the only existing key)')
    .option(...passphraseOption)
    .option('--head <file>', 'also write the signed table of contents to this file, to be carried separately')
    .option('--for <readiness.json>', 'choose models for that machine, and say what it lacks')
    .option(
      '--base <file>',
      'leave out what the site has: the bundle.json of a bundle that it imported, or its inventory',
      onlyOnce('--base', 'an inventory of the site has what all its bundles brought: sealift inventory'),
    )
    .addOption(movedOption())
    .option('--by <who>', 'who packs: signed with the bundle and shown on its pages and at import')
    .option(
      '--scan <command>',
      'scanner to run over each medium before it is signed, such as "clamscan -r" (the command is signed and shown: no secrets)',
    )
    .option('--plan', 'only show what would go where')
    .option('--overwrite', 'replace an existing Sealift bundle')
    .addOption(acceptOption())
    .option('--plain-folder', "write to this machine's own disk even where media are mounted, as in /media")
    .option('--no-read-back', 'do not read the media back after writing')
    .action((spec: string, flags: PackFlags) => (flags.plan ? plan(spec, flags) : write(spec, flags)));
}

function acceptOption(): Option {
  return new Option(
    '--accept-licence [name]',
    'say that you may redistribute the content of this name, instead of being asked (repeatable); without a name: all that BUNDLE.yaml names, but nothing that was worked out from its site',
  )
    .preset(described)
    .argParser<NonNullable<PackFlags['acceptLicence']>>((name, before) => [...(before ?? []), name]);
}

function acceptedOf(given: NonNullable<PackFlags['acceptLicence']>): AcceptedLicences {
  return { names: given.filter((one) => one !== described), described: given.includes(described) };
}

function inputOf(spec: string, flags: PackFlags): InputOf<typeof packPlan> {
  const partBytes = flags.partSize && readSize(flags.partSize, '--part-size', 'bundle pack', leastPartBytes);
  const mediumBytes = flags.mediumSize && readSize(flags.mediumSize, '--medium-size', 'bundle pack');
  return {
    spec: resolve(spec),
    to: flags.to.map((folder) => resolve(folder)),
    overwrite: flags.overwrite ?? false,
    plainFolders: flags.plainFolder ?? false,
    ...(flags.moved !== undefined && { moved: flags.moved }),
    ...(flags.by !== undefined && { packedBy: flags.by }),
    ...(flags.for !== undefined && { readinessPath: resolve(flags.for) }),
    ...(flags.base !== undefined && { base: resolve(flags.base) }),
    ...(partBytes && { partBytes }),
    ...(mediumBytes && { mediumBytes }),
  };
}

async function runPlan({ client, follow }: Session, spec: string, flags: PackFlags): Promise<Outcome> {
  const data = await follow(packPlan, client.bundle.packPlan(inputOf(spec, flags)));
  return { data, human: planText(data) };
}

async function runPack(session: Session, spec: string, flags: PackFlags): Promise<Outcome> {
  const { client, follow } = session;
  const input = {
    ...inputOf(spec, flags),
    readBack: flags.readBack,
    ...(flags.key && { key: flags.key }),
    ...(flags.scan !== undefined && { scan: flags.scan }),
    ...(flags.head && { head: resolve(flags.head) }),
    ...(flags.acceptLicence && { accepted: acceptedOf(flags.acceptLicence) }),
  };
  if (!flags.acceptLicence) await acceptLicences(session, inputOf(spec, flags));
  const data = await withPassphrase(flags, (given) => follow(pack, client.bundle.pack({ ...input, ...given })));
  return { data, human: packText(data) };
}

function planText(plan: OutputOf<typeof packPlan>): string {
  const about = planSizeWords[plan.sizes];
  const lines = [
    ...(plan.needs ? [...neededLines(plan.needs), ''] : []),
    `Bundle ${plan.name}: ${about}${bytesText(plan.totalBytes)} on ${countText(plan.media.length, 'medium', 'media')}`,
  ];
  for (const medium of plan.media) {
    const free = `${bytesText(medium.freeBytes)} free, ${medium.filesystem}`;
    const inFiles = medium.files === null ? '' : ` in ${countText(medium.files, 'file')}`;
    lines.push(`○ ${medium.label}  ${about}${bytesText(medium.bytes)}${inFiles}  ${medium.path} (${free})`);
    for (const content of medium.contents) {
      const share = content.bytes < content.totalBytes ? ` of ${bytesText(content.totalBytes)}` : '';
      const roughly = content.isEstimate ? 'about ' : '';
      lines.push(`    ${content.kind} ${content.name}  ${roughly}${bytesText(content.bytes)}${share}`);
      if (content.attached.length > 0) lines.push(`      with its ${content.attached.join(', ')}`);
    }
  }
  const { base } = plan;
  if (base) lines.push(`Left out, because ${heldWords(base)} has it: ${bytesText(base.leftOutBytes)}`);
  const doubt = planDoubt(plan);
  if (doubt) lines.push(doubt);
  lines.push(`Files are split at ${bytesText(plan.partBytes)}.`);
  if (plan.unused.length > 0) lines.push(`Not needed: ${plan.unused.join(', ')}`);
  lines.push('Nothing was written.');
  return lines.join('\n');
}

function packText(result: OutputOf<typeof pack>): string {
  const checked = {
    direct: 'read back from the media and verified',
    cached: "read back and verified, but through this machine's cache: verify again after plugging the media back in",
    none: 'not read back',
  }[result.readBack];
  return [
    ...result.media.map(
      (medium) => `● ${medium.label}  ${bytesText(medium.bytes)} in ${countText(medium.files, 'file')}  ${medium.path}`,
    ),
    `● Bundle ${result.name} (${result.id}) packed in ${secondsText(result.durationMs / 1000)}: ${countText(result.blocks, 'block')}`,
    ...(result.resumedBytes > 0 ? [`  Kept from an interrupted run: ${bytesText(result.resumedBytes)}`] : []),
    ...(result.leftOutBytes > 0 ? [`  Left out, because the site has it: ${bytesText(result.leftOutBytes)}`] : []),
    `${result.readBack === 'direct' ? '●' : '▲'} ${checked}`,
    `  Signed with ${result.fingerprint}`,
    '  Tell the other side this fingerprint through another channel than these media.',
  ].join('\n');
}
