import { resolve } from 'node:path';
import type { Cli, Session } from '../cli.ts';
import { findingLines } from '../finding-lines.ts';

interface ServiceOptions {
  site?: string;
  user?: boolean;
}

/** Adds `sealift service install|remove|print`. */
export function serviceCommands(cli: Cli): void {
  const group = cli.program.command('service').description("a site's service as a systemd unit");
  const named = (name: string, about: string) =>
    group
      .command(name)
      .description(about)
      .argument('[site.yaml]', 'the site file')
      .option('--site <name>', 'name of the site');
  const scope = '--user';
  const aboutScope = 'of this user, also for root (default: of the machine for root, else of the user)';
  named('install', 'let the service come back after a reboot; what runs now stays as it is')
    .option(scope, aboutScope)
    .action(
      cli.action({ writes: true }, async (session, file: string | undefined, options: ServiceOptions) => {
        const data = await session.client.service.install(await asked(session, file, options));
        return { data, human: [`● ${data.path} is enabled.`, ...findingLines(data.findings)].join('\n') };
      }),
    );
  named('remove', 'remove the unit; what runs now stays as it is').action(
    cli.action({ writes: true }, async (session, file: string | undefined, options: ServiceOptions) => {
      const { site } = await asked(session, file, options);
      const data = await session.client.service.remove({ site });
      const lines = data.removed.map((path) => `● removed ${path}`);
      return { data, human: lines.join('\n') || `○ ${site} has no unit.` };
    }),
  );
  named('print', 'show the unit')
    .option(scope, aboutScope)
    .action(
      cli.action({ writes: false }, async (session, file: string | undefined, options: ServiceOptions) => {
        const data = await session.client.service.print(await asked(session, file, options));
        return { data, human: data.text };
      }),
    );
}

async function asked(session: Session, file: string | undefined, options: ServiceOptions) {
  const { site } = await session.client.site.resolve({
    ...(file !== undefined && { siteFile: resolve(file) }),
    ...(options.site !== undefined && { site: options.site }),
  });
  return { site, ...(options.user && { scope: 'user' as const }) };
}
