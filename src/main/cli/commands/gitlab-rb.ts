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

function rbText({ diff, out, variables }: OutputOf<typeof contract.gitlab.rb>): string {
  if (diff === '') return '● Nothing would change.';
  const next = [
    ...(out === undefined ? [] : [`# Written to ${out}.`]),
    '# Compare it, put it in place on the GitLab host, then run: sudo gitlab-ctl reconfigure',
    '# In Docker, gitlab.rb is in the folder that is mounted at /etc/gitlab; then run: docker exec CONTAINER gitlab-ctl reconfigure',
    '# Where the container gets it as GITLAB_OMNIBUS_CONFIG, add the same lines to that variable, and make the container again.',
    ...withoutRb(variables),
  ];
  return [diff.replace(/\n$/, ''), ...next].join('\n');
}

/* GitLab's pages of these versions show gitlab.rb only. */
function withoutRb(variables: Record<string, string>): string[] {
  const pairs = Object.entries(variables);
  if (pairs.length === 0) return [];
  return [
    '# Helm and source installations have no gitlab.rb, and GitLab does not say where these belong: set',
    ...pairs.map(([name, value]) => `#   ${name}=${value}`),
    '# in the environment of the web service and of Sidekiq, and restart both.',
  ];
}
