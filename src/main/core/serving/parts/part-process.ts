import { randomUUID } from 'node:crypto';
import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import { type Handlers, serve } from '../../../../shared/rpc/serve.ts';
import { parentPipe } from '../../processes/fork.ts';
import { type PartAddress, type PartConfig, type PartKind, type PartOf, partContract } from './parts.ts';

/** A part that listens. */
export interface RunningPart {
  address: PartAddress;
  version: string;
  measure(): Promise<Record<string, number | string | boolean>> | Record<string, number | string | boolean>;
  /** Sends later requests for a part that this one needs to another address; absent when it needs none. */
  redirect?(part: string, upstream: PartAddress): void;
  /** Takes another configuration while it serves; absent or false where that needs a new start. */
  change?(config: PartConfig, upstreams: Record<string, PartAddress>): Promise<boolean>;
  stop(): Promise<void>;
}

/**
 * Runs a part's process: answers the service over the parent's pipe, and stops and exits when the service disappears.
 * Log lines of a part go to its stdout, which the service writes to `logs/<name>.log`.
 */
export function runPart<K extends PartKind>(
  kind: K,
  start: (config: PartOf<K>, upstreams: Record<string, PartAddress>) => Promise<RunningPart>,
): void {
  const pipe = parentPipe();
  let running: RunningPart | undefined;
  const exit = async () => {
    await running?.stop().catch(() => undefined);
    process.exit(0);
  };
  pipe.onClose(() => void exit());
  process.on('SIGTERM', () => void exit());
  // Ctrl-C reaches the whole terminal group; only the service decides when a part ends.
  process.on('SIGINT', () => undefined);
  const begin = async (config: PartOf<K>, upstreams: Record<string, PartAddress>) => {
    running = await start(config, upstreams);
    return running;
  };
  serve(partContract, { part: partHandlers(kind, begin, () => running) }, pipe, {
    mayWrite: true,
    owner: 'the service',
    newRef: randomUUID,
    onError: (error) => process.stderr.write(`${errorText(error)}\n`),
  });
}

function partHandlers<K extends PartKind>(
  kind: K,
  start: (config: PartOf<K>, upstreams: Record<string, PartAddress>) => Promise<RunningPart>,
  running: () => RunningPart | undefined,
): Handlers<typeof partContract>['part'] {
  return {
    start: async ({ config, upstreams }) => {
      if (config.kind !== kind)
        throw appError('input.invalid', { what: 'part', issues: [`kind: ${config.kind} is not ${kind}`] });
      const { address, version } = await start(config as PartOf<K>, upstreams);
      return { address, version };
    },
    redirect: async ({ part, upstream }) => {
      running()?.redirect?.(part, upstream);
      return {};
    },
    change: async ({ config, upstreams }) => ({ isTaken: (await running()?.change?.(config, upstreams)) ?? false }),
    measure: async () => ({ measured: (await running()?.measure()) ?? {} }),
  };
}

/** Logs a bug with its stack. The message of an error that people can fix is enough; the service gets it too. */
function errorText(error: AppError): string {
  return error.code === 'internal' ? String((error.cause as Error)?.stack ?? error.message) : error.message;
}
