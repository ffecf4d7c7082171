import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { flowLines } from '../flow-lines.ts';

/** Adds `sealift gitlab flow`. */
export function gitlabFlowCommand(group: Command, { action }: Cli): void {
  group
    .command('flow')
    .description('draw who asks whom, and how it is authenticated, with the addresses of the site')
    .argument('<site.yaml>')
    .action(
      action({ writes: false }, async ({ client }, siteFile: string) => {
        const data = await client.gitlab.flows({ siteFile: resolve(siteFile) });
        return { data, human: data.flows.flatMap(flowLines).join('\n') };
      }),
    );
}
