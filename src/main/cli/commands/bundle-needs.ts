import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { bytesText } from '../../../shared/bytes-text.ts';
import { byHandText, needs, type WorkedOut } from '../../../shared/contract/needs.ts';
import type { Cli, Outcome, Session } from '../cli.ts';

interface NeedsFlags {
  for?: string;
  moved?: 'keep' | 'take';
  out?: string;
}

/** Adds `sealift bundle needs`. */
export function bundleNeedsCommand(group: Command, cli: Cli): void {
  group
    .command('needs <BUNDLE.yaml>')
    .description('list what the site of a description needs, as a BUNDLE.yaml to edit and pack')
    .option(
      '--for <readiness.json>',
      "choose models for that machine, and say what it lacks and the bundle doesn't bring",
    )
    .addOption(movedOption())
    .option('--out <file>', 'write the BUNDLE.yaml with all contents to this new file')
    .action(cli.action({ writes: false }, run));
}

/** The option that says what to do when a name stands for something else than the lock file says. */
export function movedOption(): Option {
  return new Option(
    '--moved <way>',
    'when a tag or branch is not what the lock file says: keep that, or take what it is now',
  ).choices(['keep', 'take']);
}

async function run({ client, follow }: Session, spec: string, flags: NeedsFlags): Promise<Outcome> {
  const data = await follow(
    needs,
    client.bundle.needs({
      spec: resolve(spec),
      ...(flags.for !== undefined && { readinessPath: resolve(flags.for) }),
      ...(flags.moved !== undefined && { moved: flags.moved }),
      ...(flags.out !== undefined && { out: resolve(flags.out) }),
    }),
  );
  const ending = flags.out === undefined ? ['', data.text.trimEnd()] : [`Written to ${flags.out}`];
  return { data, human: [...neededLines(data), ...data.lacks.map((line) => `▲ ${line}`), ...ending].join('\n') };
}

/** Returns what a site needs as lines: each entry with its reasons, size and licence, then what people must add. */
export function neededLines({ contents, byHand, notes }: WorkedOut): string[] {
  return [
    'What the site needs',
    ...contents.flatMap((one) => [
      `● ${one.title}  ${one.bytes === null ? 'size unknown' : bytesText(one.bytes)}  ${one.licence ?? 'licence unknown'}`,
      `    ${one.kind} ${one.name}`,
      `    ${one.why.join(' ')}`,
    ]),
    ...notes.map((note) => `▲ ${note}`),
    ...byHand.map((one) => `○ ${byHandText(one)}`),
  ];
}
