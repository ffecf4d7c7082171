import { boundedText } from '../../../shared/bounded-text.ts';
import { contract } from '../../../shared/contract/index.ts';
import type { HopResult, ProbeResult } from '../../../shared/contract/probe.ts';
import { plainLine } from '../../../shared/plain-text.ts';
import { causeLines } from '../cause-lines.ts';
import type { Cli } from '../cli.ts';
import { findingLines } from '../finding-lines.ts';
import { gitlabTarget } from './gitlab-target.ts';

/** Adds `sealift probe`. */
export function probeCommands(cli: Cli): void {
  cli.program
    .command('probe')
    .description('send a real request through every hop, starting at the model, and diagnose the first failure')
    .argument('<site.yaml>')
    .option('--token-file <file>', 'file with a GitLab admin token (default: the variable SEALIFT_GITLAB_TOKEN)')
    .action(
      cli.action({ writes: true }, async ({ client, follow }, siteFile: string, options: { tokenFile?: string }) => {
        const data = await follow(contract.probe.run, client.probe.run(gitlabTarget(siteFile, options)));
        return { data, human: probeText(data), red: data.firstRed !== undefined };
      }),
    );
}

function probeText(data: ProbeResult): string {
  const lines = [...findingLines(data.findings ?? []), ...data.hops.flatMap(hopLines)];
  lines.push(...data.notChecked.map((one) => `○ ${one.title}: not checked, ${one.reason}`));
  const mark = data.hops.some((one) => one.hop === data.firstRed && one.simulated) ? 'SIMULATED ' : '';
  return [...lines, ...data.causes.flatMap((cause) => causeLines(cause, mark))].join('\n');
}

function hopLines(one: HopResult): string[] {
  const mark = one.simulated ? 'SIMULATED ' : '';
  if (one.skipped) return [`○ ${mark}${one.title}: skipped`];
  const head = `${one.ok ? '●' : '■'} ${mark}${one.title}: ${one.status ?? 'no answer'}, ${one.latencyMs} ms  (${one.correlationId})`;
  return [head, `    ${mark}${boundedText(plainLine((one.ok ? one.answer : one.error) ?? ''), 200)}`];
}
