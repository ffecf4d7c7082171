import { resolve } from 'node:path';
import { contract } from '../../../shared/contract/index.ts';
import type { Cli, Outcome, Session } from '../cli.ts';
import { remedyLines } from '../print.ts';

/** Adds `sealift report SITE.yaml --out DIR` and `sealift report verify DIR`. */
export function reportCommands(cli: Cli): void {
  const group = cli.program
    .command('report')
    .description('write or verify the signed report of a site')
    .argument('[site.yaml]', 'the site file')
    .option('--out <dir>', 'folder for report.html, report.json and report.dsse.json', 'sealift-report')
    .option('--pdf', 'also write report.pdf (needs Chromium, Chrome or Edge on this machine)')
    .action(cli.action({ writes: true }, write));
  group
    .command('verify')
    .description('verify that a report is as it was signed')
    .argument('<dir>', 'the folder of the report, or one of its files')
    .action(cli.action({ writes: false }, verify));
}

async function write(
  { client, follow }: Session,
  siteFile: string | undefined,
  options: { out: string; pdf?: boolean },
): Promise<Outcome> {
  const input = {
    siteFile: resolve(siteFile ?? 'site.yaml'),
    outFolder: resolve(options.out),
    ...(options.pdf && { pdf: true }),
  };
  const data = await follow(contract.report.write, client.report.write(input));
  const lines = [
    `● ${data.html}`,
    `● ${data.json}`,
    ...(data.pdf ? [`● ${data.pdf}`] : []),
    ...data.standIns.map((name) => `▲ SIMULATED: ${name}`),
    `  Signed by ${data.key.words}`,
    `  Site file: ${input.siteFile}`,
    ...(data.isRed ? [redLine] : []),
  ];
  return { data, human: lines.join('\n'), red: data.isRed };
}

const redLine = '■ It contains red findings or a failed hop: see its first lines.';

const signers = {
  own: '● signed by this data folder’s key',
  trusted: '● signed by a trusted key',
  unknown: '■ signed by a key that is not trusted here',
};

async function verify({ client }: Session, path: string): Promise<Outcome> {
  const data = await client.report.verify({ path: resolve(path) });
  const lines = [
    ...data.files.map((file) => (file.isGood ? `● ${file.name} is as signed` : `■ ${file.name}: ${file.problem}`)),
    `${signers[data.signature.by]}: ${data.signature.words}`,
    ...(data.isRed ? [redLine] : []),
    ...data.unjudged.map((name) => `▲ ${name}: this version of Sealift cannot tell whether it contains red findings.`),
    ...(data.remedies.length > 0 ? ['What to do:', ...data.remedies.flatMap(remedyLines)] : []),
  ];
  return { data, human: lines.join('\n'), red: !data.isGood || data.isRed || data.unjudged.length > 0 };
}
