import { resolve } from 'node:path';
import { leftOut } from '../../../shared/carry-out.ts';
import { contract } from '../../../shared/contract/index.ts';
import { gitlabRows } from '../../../shared/gitlab-rows.ts';
import type { Readiness } from '../../../shared/readiness.ts';
import { verdictLine } from '../../../shared/verdict-line.ts';
import { machineRows } from '../../core/hardware/machine-rows.ts';
import type { Cli } from '../cli.ts';
import { columns } from '../columns.ts';
import { findingLines } from '../finding-lines.ts';
import { tokenSource } from '../token-source.ts';

interface CheckOptions {
  report?: string;
  carryOut?: string;
  store?: string;
  measureDisk?: string;
  gitlab?: string;
  gitlabCa?: string;
  tokenFile?: string;
}

/** Adds `sealift check`. */
export function hardwareCommands(cli: Cli): void {
  cli.program
    .command('check')
    .description("check this machine's readiness: its hardware, what is missing and how to fix it")
    .option('--report <file>', 'also write a report: FILE.html to read, FILE.pdf to print, FILE.json for programs')
    .option(
      '--carry-out <file>',
      'also write FILE.json without names, addresses, paths and serial numbers, so that it may leave the enclave',
    )
    .option('--store <dir>', 'folder for the weights (default: in the data folder)')
    .option('--measure-disk <path>', 'also measure the read speed of a disk: a large file on it, or a folder')
    .option(
      '--gitlab <url>',
      'also check this GitLab: certificates, clock, version (the only address that is contacted)',
    )
    .option('--gitlab-ca <file>', "certificates (PEM) to trust for it, in addition to this machine's")
    .option('--token-file <file>', 'file with a token to read its version (default: the variable SEALIFT_GITLAB_TOKEN)')
    .action(
      cli.action({ writes: false }, async ({ client, follow }, options: CheckOptions) => {
        const input = {
          ...(options.report !== undefined && { reportPath: resolve(options.report) }),
          ...(options.carryOut !== undefined && { carryOutPath: resolve(options.carryOut) }),
          ...(options.store !== undefined && { storePath: resolve(options.store) }),
          ...(options.measureDisk !== undefined && { measurePath: resolve(options.measureDisk) }),
          ...(options.gitlab !== undefined && { gitlab: gitlabAsk(options.gitlab, options) }),
        };
        const data = await follow(contract.hardware.check, client.hardware.check(input));
        const lines = [verdictLine(data.machine), '', ...findingLines(data.findings), '', ...factLines(data)];
        if (data.report) lines.push('', `Report: ${data.report}`);
        if (data.signature) lines.push(`  signed: ${data.signature}`);
        if (data.unsigned) lines.push(`  not signed: ${data.unsigned}`);
        if (data.carryOut)
          lines.push(`Readiness file: ${data.carryOut}`, ...leftOut.map((one) => `  left out: ${one}`));
        return { data, human: lines.join('\n'), red: data.findings.some((one) => one.severity === 'red') };
      }),
    );
}

function gitlabAsk(url: string, { gitlabCa, ...options }: CheckOptions) {
  return { url, ...(gitlabCa !== undefined && { caFile: resolve(gitlabCa) }), ...tokenSource(options) };
}

function factLines({ machine, gitlab }: Readiness): string[] {
  return columns([...machineRows(machine), ...(gitlab ? gitlabRows(gitlab) : [])], '  ');
}
