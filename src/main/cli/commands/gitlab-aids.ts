import { resolve } from 'node:path';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { Cli } from '../cli.ts';
import { flowLines } from '../flow-lines.ts';

interface RbOptions {
  in: string;
  out?: string;
  undo?: boolean;
}

/** Adds `sealift gitlab rb` and `flow`, next to what else the group `gitlab` has: register them after that. */
export function gitlabAidCommands(cli: Cli): void {
  rbCommand(cli);
  flowCommand(cli);
}

function rbCommand({ program, action }: Cli): void {
  program.commands
    .find((one) => one.name() === 'gitlab')
    ?.command('rb')
    .description('print the change to gitlab.rb that the plan asks for (GitLab up to 17.8), as a diff for patch')
    .argument('<site.yaml>')
    .requiredOption('--in <gitlab.rb>', 'a copy of /etc/gitlab/gitlab.rb; it is only read')
    .option('--out <file>', 'write the changed file here, which must not exist yet')
    .option('--undo', 'take out again what this command put in')
    .action(
      action({ writes: false }, async ({ client }, siteFile: string, options: RbOptions) => {
        const { in: file, out, undo } = options;
        const data = await client.gitlab.rb({
          siteFile: resolve(siteFile),
          file: resolve(file),
          ...(out !== undefined && { out: resolve(out) }),
          ...(undo && { undo }),
        });
        return { data, human: rbText(data) };
      }),
    );
}

function rbText({ diff, out }: OutputOf<typeof contract.gitlab.rb>): string {
  if (diff === '') return '● Nothing would change.';
  const next = [
    ...(out === undefined ? [] : [`# Written to ${out}.`]),
    '# Compare it, put it in place on the GitLab host, then run: sudo gitlab-ctl reconfigure',
  ];
  return [diff.trimEnd(), ...next].join('\n');
}

function flowCommand({ program, action }: Cli): void {
  program.commands
    .find((one) => one.name() === 'gitlab')
    ?.command('flow')
    .description('draw who asks whom, and how it is authenticated, with the addresses of the site')
    .argument('<site.yaml>')
    .action(
      action({ writes: false }, async ({ client }, siteFile: string) => {
        const data = await client.gitlab.flows({ siteFile: resolve(siteFile) });
        return { data, human: data.flows.flatMap(flowLines).join('\n') };
      }),
    );
}
