import { resolve } from 'node:path';
import { Option } from 'commander';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { Cli, Session } from '../cli.ts';
import { findingLines } from '../finding-lines.ts';

interface ServiceOptions {
  site?: string;
  user?: boolean;
  format?: Format;
}

type Format = OutputOf<typeof contract.unit.print>['format'];

/** Adds `sealift service install|remove|print`. */
export function serviceCommands(cli: Cli): void {
  const group = cli.program
    .command('service')
    .description("manage the unit that starts a site's service after a reboot");
  const named = (name: string, about: string) =>
    group
      .command(name)
      .description(about)
      .argument('[site.yaml]', 'the site file')
      .option('--site <name>', 'name of the site');
  named('install', 'start the service after a reboot; a running service is not affected')
    .option(...scope)
    .action(
      cli.action({ writes: true }, async (session, file: string | undefined, options: ServiceOptions) => {
        const data = await session.client.unit.install(await asked(session, file, options));
        return {
          data,
          human: [`● ${data.path} is enabled.`, exposureLine(data), ...findingLines(data.findings)].join('\n'),
        };
      }),
    );
  named('remove', 'remove the unit; a running service is not affected').action(
    cli.action({ writes: true }, async (session, file: string | undefined, options: ServiceOptions) => {
      const { site } = await asked(session, file, options);
      const data = await session.client.unit.remove({ site });
      const lines = data.removed.map((path) => `● removed ${path}`);
      return { data, human: lines.join('\n') || `○ ${site} has no unit.` };
    }),
  );
  named('print', 'show the unit')
    .option(...scope)
    .addOption(format)
    .action(cli.action({ writes: false }, printUnit));
}

const scope = [
  '--user',
  "use the user's systemd, even for root (default: the system's for root, otherwise the user's)",
] as const;
const format = new Option(
  '--format <system>',
  "for systemd, launchd, or Windows as a scheduled task (default: this system's)",
).choices(['systemd', 'launchd', 'windows'] satisfies Format[]);

/** How open the unit leaves its service, in systemd's own scale, and that root's leaves it less open. */
export function exposureLine({
  scope,
  exposure,
}: Pick<OutputOf<typeof contract.unit.install>, 'scope' | 'exposure'>): string {
  const rated = `  systemd-analyze security rates it ${exposure}, from 0 (nothing is open) to 10.`;
  return scope === 'system' ? rated : `${rated} Root's unit is rated better: a user's systemd can't take away as much.`;
}

async function printUnit(session: Session, file: string | undefined, options: ServiceOptions) {
  const data = await session.client.unit.print({
    ...(await asked(session, file, options)),
    ...(options.format && { format: options.format }),
  });
  if (data.format === 'windows')
    session.say(
      'A scheduled task that runs at start and restarts on failure: Windows has no services for programs like this one.',
    );
  if (data.register) session.say(`Save it as ${data.path}, then: ${data.register}`);
  return { data, human: data.text };
}

async function asked(session: Session, file: string | undefined, options: ServiceOptions) {
  const { site } = await session.client.site.resolve({
    ...(file !== undefined && { siteFile: resolve(file) }),
    ...(options.site !== undefined && { site: options.site }),
  });
  return { site, ...(options.user && { scope: 'user' as const }) };
}
