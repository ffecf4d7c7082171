import { resolve } from 'node:path';
import { leftOut } from '../../../shared/carry-out.ts';
import { contract } from '../../../shared/contract/index.ts';
import { verdictLine } from '../../../shared/verdict-line.ts';
import type { Cli } from '../cli.ts';
import { findingLines } from '../finding-lines.ts';

interface CheckOptions {
  report?: string;
  carryOut?: string;
  store?: string;
}

/** Adds `sealift check`. */
export function hardwareCommands(cli: Cli): void {
  cli.program
    .command('check')
    .description('readiness of this machine: what it is, what stands in the way, what to do')
    .option('--report <file>', 'also write a report: FILE.html to read and print, FILE.json for programs')
    .option(
      '--carry-out <file>',
      'also write FILE.json that may leave the enclave: without names, addresses, paths and serial numbers',
    )
    .option('--store <dir>', 'the folder that will hold the weights (default: in the data folder)')
    .action(
      cli.action({ writes: false }, async ({ client, follow }, options: CheckOptions) => {
        const input = {
          ...(options.report !== undefined && { reportPath: resolve(options.report) }),
          ...(options.carryOut !== undefined && { carryOutPath: resolve(options.carryOut) }),
          ...(options.store !== undefined && { storePath: resolve(options.store) }),
        };
        const data = await follow(contract.hardware.check, client.hardware.check(input));
        const lines = [verdictLine(data.machine), '', ...findingLines(data.findings)];
        if (data.report) lines.push(`Report: ${data.report}`);
        if (data.carryOut)
          lines.push(`Carry-out file: ${data.carryOut}`, ...leftOut.map((one) => `  left out: ${one}`));
        return { data, human: lines.join('\n'), red: data.findings.some((one) => one.severity === 'red') };
      }),
    );
}
