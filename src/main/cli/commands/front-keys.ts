import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { columns } from '../columns.ts';
import { siteName } from '../site-name.ts';

interface SiteOption {
  site?: string;
}

/** Adds `sealift front-key new|list|revoke`. */
export function frontKeysCommands(cli: Cli): void {
  const group = cli.program
    .command('front-key')
    .description("manage API keys of a site's front for clients other than the AI Gateway");
  const named = (name: string, about: string): Command =>
    group.command(name).description(about).option('--site <name>', 'name of the site');
  named('new <name>', 'create a key; it is shown only once').action(
    cli.action({ writes: true }, async (session, name: string, options: SiteOption) => {
      const site = await siteName(session, undefined, options.site);
      const data = await session.client.frontKeys.create({ site, name });
      const human = `● Key ${name} for the front of ${site} (shown only once):\n  ${data.key}`;
      return { data, human };
    }),
  );
  named('list', 'list the keys').action(
    cli.action({ writes: false }, async (session, options: SiteOption) => {
      const site = await siteName(session, undefined, options.site);
      const data = await session.client.frontKeys.list({ site });
      const lines = columns(data.keys.map(({ name, createdAt }) => [name, `created ${createdAt.slice(0, 10)}`]));
      return { data, human: lines.join('\n') || `○ The front of ${site} has no key but the AI Gateway's.` };
    }),
  );
  named('revoke <name>', 'revoke a key; the front refuses it at once').action(
    cli.action({ writes: true }, async (session, name: string, options: SiteOption) => {
      const site = await siteName(session, undefined, options.site);
      const data = await session.client.frontKeys.revoke({ site, name });
      return { data, human: `● Key ${name} of ${site} is revoked.` };
    }),
  );
}
