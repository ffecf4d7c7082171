import { resolve } from 'node:path';
import { contract } from '../../../shared/contract/index.ts';
import type { Cli } from '../cli.ts';
import { remedyLines } from '../print.ts';

/** Adds `sealift report SITE.yaml --out DIR` and `sealift report verify DIR`. */
export function reportCommands(cli: Cli): void {
  const group = cli.program
    .command('report')
    .description('write or verify the signed report of a site')
    .argument('[site.yaml]', 'the site file')
    .option('--out <dir>', 'folder for report.html, report.json and report.dsse.json', 'sealift-report')
    .option('--pdf', 'also write report.pdf (needs Chromium, Chrome or Edge on this machine)')
    .action(
      cli.action(
        { writes: true },
        async ({ client, follow }, siteFile: string | undefined, options: { out: string; pdf?: boolean }) => {
          const input = {
            siteFile: resolve(siteFile ?? 'site.yaml'),
            outFolder: resolve(options.out),
            ...(options.pdf && { pdf: true }),
          };
          const data = await follow(contract.report.write, client.report.write(input));
          const marks = data.standIns.map((name) => `▲ SIMULATED: ${name}`);
          return {
            data,
            human: [
              `● ${data.html}`,
              `● ${data.json}`,
              ...(data.pdf ? [`● ${data.pdf}`] : []),
              ...marks,
              `  Signed by ${data.key.words}`,
              `  Site file: ${input.siteFile}`,
              ...(data.isRed ? ['■ It contains red findings or a failed hop: see its first lines.'] : []),
            ].join('\n'),
            red: data.isRed,
          };
        },
      ),
    );
  group
    .command('verify')
    .description('verify that a report is as it was signed')
    .argument('<dir>', 'the folder of the report, or one of its files')
    .action(
      cli.action({ writes: false }, async ({ client }, path: string) => {
        const data = await client.report.verify({ path: resolve(path) });
        const files = data.files.map((file) =>
          file.isGood ? `● ${file.name} is as signed` : `■ ${file.name}: ${file.problem}`,
        );
        const signer = {
          own: '● signed by this data folder’s key',
          trusted: '● signed by a trusted key',
          unknown: '■ signed by a key that is not trusted here',
        };
        return {
          data,
          human: [
            ...files,
            `${signer[data.signature.by]}: ${data.signature.words}`,
            ...(data.remedies.length > 0 ? ['What to do:', ...data.remedies.flatMap(remedyLines)] : []),
          ].join('\n'),
          red: !data.isGood,
        };
      }),
    );
}
