import { shellWord } from '../../../shared/shell-word.ts';
import type { Cli } from '../cli.ts';
import { siteName } from '../site-name.ts';

/** Adds `sealift gateway-key rotate`. */
export function gatewayKeysCommands(cli: Cli): void {
  cli.program
    .command('gateway-key')
    .description("manage the keys with which a site's AI Gateway signs tokens")
    .command('rotate')
    .description('create new signing keys; tokens signed with the old ones stay valid')
    .option('--site <name>', 'name of the site')
    .action(
      cli.action({ writes: true }, async (session, options: { site?: string }) => {
        const site = await siteName(session, undefined, options.site);
        const data = await session.client.site.rotateGatewayKeys({ site });
        const lines = data.keys.map(
          (key) => `● ${key.name}: ${key.fingerprint} signs, ${key.validates} only validates`,
        );
        const human = [
          ...lines,
          `Deploy again to use them: sealift deploy ${data.siteFile === null ? 'SITE.yaml' : shellWord(data.siteFile)}`,
          `Rotate again after ${data.notBefore.slice(0, 10)} to drop the old keys; before, tokens may still be in use.`,
        ].join('\n');
        return { data, human };
      }),
    );
}
