import type { site } from '../../../shared/contract/site.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import type { Cli } from '../cli.ts';
import { siteName } from '../site-name.ts';

type Rotated = OutputOf<typeof site.rotateGatewayKeys>;

/** Adds `sealift gateway-key rotate`. */
export function gatewayKeysCommands(cli: Cli): void {
  cli.program
    .command('gateway-key')
    .description("manage the keys with which a site's AI Gateway signs tokens")
    .command('rotate')
    .description('create new signing keys; tokens signed with the old ones stay valid')
    .option('--site <name>', 'name of the site')
    .option(
      '--drop-old-keys',
      'rotate before the last new keys have been in use for three days: tokens signed with the keys before them are refused',
    )
    .action(
      cli.action({ writes: true }, async (session, options: { site?: string; dropOldKeys?: boolean }) => {
        const site = await siteName(session, undefined, options.site);
        const data = await session.client.site.rotateGatewayKeys({ site, dropOldKeys: options.dropOldKeys });
        const lines = data.keys.map(
          (key) => `● ${key.name}: ${key.fingerprint} signs, ${key.validates} only validates`,
        );
        const human = [
          ...lines,
          ...nextSteps(data),
          'Rotate again three days after that to drop the old keys; until then, tokens signed with them may be in use.',
        ].join('\n');
        return { data, human };
      }),
    );
}

/** Before the first deployment it is unknown which of both the gateway needs. */
function nextSteps({ siteFile, gateway }: Pick<Rotated, 'siteFile' | 'gateway'>): string[] {
  const file = siteFile === null ? 'SITE.yaml' : shellWord(siteFile);
  return [
    ...(gateway === 'existing' ? [] : [`Deploy again to use them: sealift deploy ${file}`]),
    ...(gateway === 'existing' || gateway === null
      ? [
          `To bring them to a gateway in Kubernetes: sealift kubernetes render ${file} --image IMAGE --chart CHART.tgz, then run install.sh of the new files.`,
        ]
      : []),
  ];
}
