import { resolve } from 'node:path';
import { contract } from '../../../shared/contract/index.ts';
import type { Diagnosis, probe } from '../../../shared/contract/probe.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { InputOf } from '../../../shared/rpc/contract.ts';
import { timeText } from '../../../shared/time-text.ts';
import { diagnosisOf } from '../../core/probe/diagnosis-of.ts';
import { causeLines } from '../cause-lines.ts';
import type { Cli, Outcome } from '../cli.ts';
import { readCount } from '../read-count.ts';
import { readGivenText } from '../read-given-text.ts';
import { gitlabTarget } from './gitlab-target.ts';

interface DiagnoseOptions {
  last?: boolean;
  tokenFile?: string;
  status?: string;
  body?: string;
  log?: string;
}

/** Adds `sealift diagnose`. Like `probe`, it ends with exit code 1 when it names a cause. */
export function diagnoseCommands(cli: Cli): void {
  const given = cli.action({ writes: false }, async ({ client }, options: DiagnoseOptions) =>
    outcomeOf(await client.probe.diagnose(await readGiven(options)), nothingKnown),
  );
  const last = cli.action({ writes: false }, async ({ client }, siteFile: string) =>
    outcomeOf(await client.probe.lastDiagnosis({ siteFile: resolve(siteFile) }), noFailure),
  );
  const fresh = cli.action({ writes: true }, async ({ client, follow }, siteFile: string, options: DiagnoseOptions) => {
    const probed = await follow(contract.probe.run, client.probe.run(gitlabTarget(siteFile, options)));
    return outcomeOf(diagnosisOf(probed), noFailure);
  });
  cli.program
    .command('diagnose')
    .description("name the causes of a site's first failed hop, or of a failure from its status, answer and log")
    .argument('[site.yaml]', 'probe this site')
    .option('--last', 'diagnose what the last probe of the site found, without probing again')
    .option('--token-file <file>', 'file with a GitLab admin token (default: the variable SEALIFT_GITLAB_TOKEN)')
    .option('--status <n>', 'HTTP status of an answer that failed')
    .option('--body <file>', 'file with its body, with or without headers (- for standard input)')
    .option('--log <file>', 'file with a log of GitLab, the gateway or the model server (- for standard input)')
    .action(async (siteFile: string | undefined, options: DiagnoseOptions) => {
      checkUse(siteFile, options);
      if (siteFile === undefined) return given(options);
      return options.last ? last(siteFile) : fresh(siteFile, options);
    });
}

function checkUse(siteFile: string | undefined, { last, tokenFile, status, body, log }: DiagnoseOptions): void {
  const refuse = (problem: string) => appError('usage.invalid', { problem, command: 'diagnose' });
  const isGiven = status !== undefined || body !== undefined || log !== undefined;
  if (siteFile === undefined && !isGiven) throw refuse('name a site file, or give --status, --body or --log');
  if (siteFile !== undefined && isGiven) throw refuse('a site file cannot be combined with --status, --body or --log');
  if (siteFile === undefined && (last || tokenFile !== undefined))
    throw refuse('--last and --token-file need a site file');
  if (last && tokenFile !== undefined) throw refuse('--last sends no request, so it needs no --token-file');
  if (body === '-' && log === '-') throw refuse('only one of --body and --log can be standard input');
}

type GivenInput = InputOf<typeof probe.diagnose>;

async function readGiven({ status, body, log }: DiagnoseOptions): Promise<GivenInput> {
  return {
    ...(status !== undefined && { status: readCount(status, '--status', 'diagnose', { least: 100, most: 599 }) }),
    ...(body !== undefined && { body: await readGivenText(body, 'start') }),
    ...(log !== undefined && { log: await readGivenText(log, 'end') }),
  };
}

const noFailure = '● No hop failed, so there is nothing to diagnose.';
const nothingKnown =
  '○ Nothing in it points to a known cause. That does not mean that all is well: sealift probe SITE.yaml';

function outcomeOf(data: Diagnosis, withoutCause: string): Outcome {
  const when = data.probedAt === undefined ? '' : `, probed ${timeText(data.probedAt)}`;
  const { failedHop: hop } = data;
  const mark = hop?.simulated ? 'SIMULATED ' : '';
  const head = hop ? [`First failed hop: ${mark}${hop.title}${when}`] : [];
  const human =
    data.causes.length > 0 ? [...head, ...data.causes.flatMap((one) => causeLines(one, mark))] : [withoutCause];
  return { data, human: human.join('\n').trimStart(), red: data.causes.length > 0 };
}
