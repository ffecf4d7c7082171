import { maxFolderLogs, maxLogsBytes, type Traced } from '../../../shared/contract/probe.ts';
import { plainLine } from '../../../shared/plain-text.ts';
import type { Cli } from '../cli.ts';
import { readGivenText } from '../read-given-text.ts';
import { siteName } from '../site-name.ts';

/** Adds `sealift trace`. */
export function traceCommand(cli: Cli): void {
  cli.program
    .command('trace')
    .description('join the log lines of one request into a timeline')
    .argument('<correlation-id>', "the request's id, as the probe, a report or GitLab's logs show it")
    .option('--site <name>', 'name of the site')
    .option(
      '--gitlab-log <path...>',
      'logs of GitLab: files, folders (such as a copy of gitlab-rails), or - for standard input',
    )
    .action(
      cli.action(
        { writes: false },
        async (session, correlationId: string, options: { site?: string; gitlabLog?: string[] }) => {
          const site = await siteName(session, undefined, options.site);
          const gitlabLogs: Awaited<ReturnType<typeof readGivenText>>[] = [];
          for (const path of options.gitlabLog ?? []) gitlabLogs.push(await readGivenText(path, 'end'));
          const data = await session.client.probe.trace({ site, correlationId, gitlabLogs });
          return { data, human: traceText(data, correlationId), red: data.lines.length === 0 };
        },
      ),
    );
}

function traceText({ lines, leftOut, ...read }: Traced, id: string): string {
  if (lines.length === 0) return [`■ No log has the id ${id}.`, ...readLines(read)].join('\n');
  const width = Math.max(...lines.map((one) => one.source.length));
  const shown = lines.map(({ at, source, line, by, simulated }) => {
    const mark = `${by === 'time' ? '~ ' : '  '}${simulated ? '[SIMULATED] ' : ''}`;
    return `${(at ?? '').padEnd(24)}  ${source.padEnd(width)} ${mark}${plainLine(line)}`;
  });
  const isGuessed = lines.some((one) => one.by === 'time');
  return [
    ...shown,
    ...readLines(read),
    ...(leftOut > 0 ? [`Not shown, since there are too many: ${leftOut} lines`] : []),
    ...(isGuessed ? ['~ written meanwhile by a part that gets no ids: perhaps of another request'] : []),
  ].join('\n');
}

function readLines({ sources, unreadLogs }: Pick<Traced, 'sources' | 'unreadLogs'>): string[] {
  const read = sources.map(
    ({ source, lineCount, onlyEnd }) => `${source} (${lineCount} lines${onlyEnd ? ', only its end' : ''})`,
  );
  const limits = `${maxFolderLogs} of a folder and ${maxLogsBytes / 1024 ** 2} MiB in all`;
  return [
    `Read: ${read.join(', ') || 'nothing'}`,
    ...(unreadLogs > 0
      ? [`Not read: ${unreadLogs} logs, since a trace reads at most ${limits}. Name those that matter.`]
      : []),
  ];
}
