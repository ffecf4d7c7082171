import { resolve } from 'node:path';
import { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { JobStarted } from '../../../shared/rpc/serve.ts';
import { readApiKey } from '../../core/serving/api-key.ts';
import type { Cli, Session } from '../cli.ts';
import { readCount } from '../read-count.ts';

interface Options {
  gguf: string;
  host?: string;
  port?: string;
  threads?: string;
  context?: string;
  apiKeyFile?: string;
}

/** Adds `sealift model-server`. */
export function modelServerCommands(cli: Cli): void {
  cli.program
    .command('model-server')
    .description('serve a GGUF file to OpenAI clients until Ctrl-C')
    .requiredOption('--gguf <file>', 'the model (required)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <n>', 'port to listen on, or 0 for any free port (default: 8000)')
    .option('--threads <n>', 'processor threads (default: all)')
    .option(
      '--context <tokens>',
      'tokens per request, prompt and answer (default: 8192, at most what the model was trained for)',
    )
    .option('--api-key-file <file>', 'file with the API key on one line (default: a key created in the data folder)')
    .action(
      cli.action({ writes: false }, async (session, options: Options) => {
        const { client } = session;
        const started = client.serving.modelServer({
          ggufPath: resolve(options.gguf),
          ...(options.host !== undefined && { host: options.host }),
          ...(options.port !== undefined && { port: count(options.port, '--port', 0, 65_535) }),
          ...(options.threads !== undefined && { threads: count(options.threads, '--threads', 1, 256) }),
          ...(options.context !== undefined && { contextTokens: count(options.context, '--context', 256, 1_048_576) }),
          ...(options.apiKeyFile !== undefined && { apiKeyFile: resolve(options.apiKeyFile) }),
        });
        const [data] = await Promise.all([
          session.follow(contract.serving.modelServer, started),
          announce(session, started),
        ]);
        return { data, human: `● Stopped: ${data.address}` };
      }),
    );
}

function count(text: string, option: string, least: number, most: number): number {
  return readCount(text, option, 'model-server', { least, most });
}

/** Prints the server's address as soon as it listens. A new key is shown only in a terminal. */
async function announce(session: Session, started: Promise<JobStarted>): Promise<void> {
  const { jobId } = await started;
  for await (const event of session.client.jobs.watch({ jobId })) {
    if (event.type !== 'step' || event.id !== 'serve') continue;
    const { servers } = await session.client.serving.running({});
    for (const server of servers) {
      session.emit(server, serverLines(server));
      if (server.isKeyNew && process.stderr.isTTY)
        session.say(`  API key (shown only once): ${await readApiKey(server.apiKeyFile)}`);
    }
    return;
  }
}

function serverLines(server: OutputOf<typeof contract.serving.running>['servers'][number]): string {
  return [
    `● ${server.address}`,
    `  Model ${server.model}, context ${server.contextTokens} tokens, on ${server.device}`,
    `  API key in ${server.apiKeyFile}`,
    '  Press Ctrl-C to stop.',
  ].join('\n');
}
