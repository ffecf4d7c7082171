import type { contract } from '../../../shared/contract/index.ts';
import type { InputOf, ItemOf } from '../../../shared/rpc/contract.ts';
import type { Cli, Outcome, Session } from '../cli.ts';
import { readCount } from '../read-count.ts';
import { siteName } from '../site-name.ts';
import { watchReader } from '../watch-reader.ts';

type LogLine = ItemOf<typeof contract.site.logs>;

/** Adds `logs`. */
export function logsCommand(cli: Cli): void {
  cli.program
    .command('logs')
    .description("show the logs of a site's parts")
    .argument('[site.yaml]', 'the site file')
    .option('--site <name>', 'name of the site')
    .option('--part <name>', 'only this part')
    .option('--follow', 'keep following until Ctrl-C')
    .option('--tail <lines>', 'number of last lines to show per part', '100')
    .action(
      cli.action(
        { writes: false },
        async (
          session,
          file: string | undefined,
          options: { site?: string; part?: string; follow?: boolean; tail: string },
        ) => {
          const tail = readCount(options.tail, '--tail', 'logs', { least: 0, most: 10_000 });
          const site = await siteName(session, file, options.site);
          const query = { site, tail, ...(options.part !== undefined && { part: options.part }) };
          return options.follow ? followLogs(session, query) : readLogs(session, query);
        },
      ),
    );
}

type LogQuery = Omit<InputOf<typeof contract.site.logs>, 'follow'>;

async function readLogs({ client }: Session, query: LogQuery): Promise<Outcome> {
  const lines: LogLine[] = [];
  for await (const line of client.site.logs({ ...query, follow: false })) lines.push(line);
  return { data: { lines }, human: lines.map(logText).join('\n') };
}

async function followLogs({ client, emit, stopped }: Session, query: LogQuery): Promise<'emitted'> {
  const lines = client.site.logs({ ...query, follow: true })[Symbol.asyncIterator]();
  const reader = watchReader();
  try {
    for (;;) {
      const next = await Promise.race([lines.next(), reader.gone]);
      if (!next || next.done) return 'emitted';
      emit(next.value, logText(next.value));
    }
  } catch (error) {
    // Following ends with Ctrl-C.
    if (!stopped.aborted) throw error;
    return 'emitted';
  } finally {
    reader.stop();
  }
}

function logText({ part, simulated, line }: LogLine): string {
  return `${part.padEnd(8)} ${simulated ? '[SIMULATED] ' : ''}${line}`;
}
