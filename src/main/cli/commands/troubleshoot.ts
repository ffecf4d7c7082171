import { resolve } from 'node:path';
import { contract } from '../../../shared/contract/index.ts';
import type { GatewayScript } from '../../../shared/contract/probe.ts';
import type { Cli } from '../cli.ts';

/** Adds `sealift troubleshoot`. */
export function troubleshootCommand({ program, action }: Cli): void {
  program
    .command('troubleshoot')
    .description("run the gateway's own debugging script, in a container beside it that is removed afterwards")
    .argument('<site.yaml>')
    .action(
      action({ writes: true }, async ({ client, follow }, siteFile: string) => {
        const input = { siteFile: resolve(siteFile) };
        const data = await follow(contract.probe.gatewayScript, client.probe.gatewayScript(input));
        return { data, human: scriptText(data), red: data.state === 'ran' && data.runs.some((one) => !one.passed) };
      }),
    );
}

function scriptText(data: GatewayScript): string {
  if (data.state === 'by-hand')
    return [
      `▲ Sealift did not create the gateway at ${data.gatewayUrl}. Run its script on the gateway's machine:`,
      ...data.commands.map((line) => `    ${line}`),
    ].join('\n');
  const mark = data.simulated ? 'SIMULATED ' : '';
  const lines = data.runs.flatMap(({ model, passed, output }) => [
    passed ? `● ${mark}${model}: the script ended well` : `■ ${mark}${model}: the script ended with an error`,
    ...output.map((line) => `    ${mark}${line}`),
  ]);
  return [
    ...lines,
    `${mark}${data.container}, which answered without tokens meanwhile, is removed. The gateway itself was not changed.`,
  ].join('\n');
}
