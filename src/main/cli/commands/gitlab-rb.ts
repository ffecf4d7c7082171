import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { Cli } from '../cli.ts';

interface RbOptions {
  in: string;
  out?: string;
  undo?: boolean;
}

/** Adds `sealift gitlab rb`. */
export function gitlabRbCommand(group: Command, { action }: Cli): void {
  group
    .command('rb')
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
    '# In Docker, gitlab.rb is in the folder that is mounted at /etc/gitlab; then run: docker exec CONTAINER gitlab-ctl reconfigure',
    '# Where the container gets it as GITLAB_OMNIBUS_CONFIG, add the same lines to that variable, and make the container again.',
    '# Helm and self-compiled installations have no gitlab.rb: see sealift gitlab plan SITE.yaml --installation helm (or source).',
  ];
  return [diff.replace(/\n$/, ''), ...next].join('\n');
}
