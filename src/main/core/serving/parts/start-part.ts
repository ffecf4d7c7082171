import { appError } from '../../../../shared/errors/app-error.ts';
import { type Client, connect } from '../../../../shared/rpc/connect.ts';
import { endWorker, type ForkedProcess } from '../../processes/fork.ts';
import { startLimitMs } from './longest-read.ts';
import { neededParts, type PartAddress, type PartConfig, partContract } from './parts.ts';

/** A part in a process of its own that answers requests. `exited` resolves when the process is gone for any reason. */
export interface StartedPart {
  config: PartConfig;
  address: PartAddress;
  version: string;
  pid: number | undefined;
  exited: ForkedProcess['exited'];
  /** Returns the part's figures; throws `rpc.closed` when its process is gone. */
  measure(): Promise<Record<string, number | string | boolean>>;
  /** Points the part at the new address of its upstream. */
  redirect(upstream: PartAddress): Promise<void>;
  /** Stops the process, by force after a few seconds, and resolves when it is gone. */
  stop(): Promise<void>;
}

const stopTimeoutMs = 5000;

interface StartOptions {
  upstream?: PartAddress;
  signal?: AbortSignal;
  /** The size of the model that the part reads before it answers; it gets ten minutes more than a slow disk needs for that. */
  readsBytes?: number;
}

/**
 * Starts one part by `fork` (as `CorePorts.fork`) and waits until it answers requests. Throws the part's own error,
 * `serving.part-ended` when its process dies first, `serving.start-timeout`, or the signal's reason; no process is left then.
 */
export async function startPart(
  fork: (worker: string) => ForkedProcess,
  config: PartConfig,
  options: StartOptions = {},
): Promise<StartedPart> {
  const process = fork(`part-${config.kind}`);
  const client = connect(partContract, process.pipe, config.name);
  try {
    const { address, version } = await started(process, client, config, options);
    return {
      config,
      address,
      version,
      pid: process.pid,
      exited: process.exited,
      measure: async () => (await client.part.measure({})).measured,
      redirect: async (next) => void (await client.part.redirect({ part: neededPart(config), upstream: next })),
      stop: () => endWorker(process, stopTimeoutMs),
    };
  } catch (error) {
    process.kill('SIGKILL');
    throw error;
  }
}

async function started(
  process: ForkedProcess,
  client: Client<typeof partContract>,
  config: PartConfig,
  { upstream, signal, readsBytes = 0 }: StartOptions,
): Promise<{ address: PartAddress; version: string }> {
  signal?.throwIfAborted();
  const timeoutMs = startLimitMs(readsBytes);
  const over = new AbortController();
  const ended = process.exited.then((end) => {
    throw appError('serving.part-ended', { part: config.name, ...end });
  });
  const late = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(
      () => reject(appError('serving.start-timeout', { part: config.name, timeoutMs })),
      timeoutMs,
    );
    over.signal.addEventListener('abort', () => clearTimeout(timer));
    signal?.addEventListener('abort', () => reject(signal.reason), { signal: over.signal });
  });
  const answer = client.part
    .start({ config, upstreams: upstream ? { [neededPart(config)]: upstream } : {} })
    .catch(async (error) => {
      // The pipe closes just before the exit is known. How the process ended says more than a closed pipe.
      throw error.code === 'rpc.closed' ? await ended.catch((end) => end) : error;
    });
  try {
    return await Promise.race([answer, ended, late]);
  } finally {
    over.abort();
    for (const one of [answer, ended, late]) one.catch(() => undefined);
  }
}

function neededPart(config: PartConfig): string {
  return neededParts(config)[0] ?? '';
}
