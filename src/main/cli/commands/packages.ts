import { basename } from 'node:path';
import { bytesText } from '../../../shared/bytes-text.ts';
import { packageUseNames, systemText } from '../../../shared/carried-packages.ts';
import { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import { askYes, canAsk } from '../ask.ts';
import type { Cli, Session } from '../cli.ts';
import { columns } from '../columns.ts';
import { findingLines } from '../finding-lines.ts';

type Plan = OutputOf<typeof contract.packages.plan>;

/** Adds `sealift packages` and `sealift packages install`. */
export function packagesCommands(cli: Cli): void {
  const group = cli.program
    .command('packages')
    .description('list the packages for this machine that bundles brought')
    .action(
      cli.action({ writes: false }, async ({ client }: Session) => {
        const data = await client.packages.list({});
        return { data, human: listText(data) };
      }),
    );
  const plan = cli.action({ writes: false }, async ({ client }: Session, name: string) => {
    const data = await client.packages.plan({ name });
    return { data, human: [...planLines(data), 'Nothing was installed. To install them: add --yes'].join('\n') };
  });
  const install = cli.action({ writes: true }, async (session: Session, name: string, options: { yes?: boolean }) => {
    if (!options.yes) {
      const planned = await session.client.packages.plan({ name });
      for (const line of planLines(planned)) session.say(line);
      if (planned.command.length > 0 && !(await askYes('Run this as root?')))
        return { data: planned, human: 'Nothing was installed.' };
    }
    const data = await session.follow(contract.packages.install, session.client.packages.install({ name }));
    const done =
      data.command.length > 0 ? `● Installed ${packageUseNames[data.provides]}.` : planLines(data).join('\n');
    return { data, human: [done, ...findingLines(data.findings)].join('\n') };
  });
  group
    .command('install <name>')
    .description('install the packages of a file set from the store, as root; shows the command first')
    .option('--yes', 'install without asking')
    .action((name: string, options: { yes?: boolean }) =>
      options.yes || canAsk() ? install(name, options) : plan(name),
    );
}

function listText({ sets }: OutputOf<typeof contract.packages.list>): string {
  if (sets.length === 0) return 'No imported bundle brought packages for a machine.';
  return columns(
    sets.map((one) => [
      `${one.isForHere ? '●' : '○'} ${one.name}`,
      packageUseNames[one.provides],
      `for ${systemText(one)}${one.isForHere ? ', as this machine is' : ''}`,
      bytesText(one.bytes),
      one.path,
    ]),
  ).join('\n');
}

function planLines({ command, files, present, provides, name }: Plan): string[] {
  const kept = present.map((file) => `  ${basename(file)}: already installed in this or a newer version`);
  if (command.length === 0) return [`● All packages of ${name} are already installed.`, ...kept];
  return [
    `To install ${packageUseNames[provides]} from ${files.length} package${files.length === 1 ? '' : 's'}, root runs:`,
    `  ${command.map(shellWord).join(' ')}`,
    ...kept,
  ];
}
