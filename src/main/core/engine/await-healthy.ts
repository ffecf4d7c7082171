import { appError } from '../../../shared/errors/app-error.ts';
import { readTail } from '../files/log-lines.ts';
import { pauses } from '../processes/pauses.ts';
import { shownLine } from '../processes/shown-line.ts';
import type { Engine } from './connect-engine.ts';
import { wasOutOfMemory } from './out-of-memory.ts';
import type { LogFile } from './planned-container.ts';
import { translateEngineError } from './translate-error.ts';

const longestPauseMs = 500;
const tailLines = 8;
/** While an engine restarts, it shows its containers as exited for less than this. */
export const restartMs = 5000;

/**
 * Waits until `isHealthy` returns true. Throws `engine.out-of-memory` if the container was killed for memory, `engine.container-exited`
 * if it exited or restarts in a loop, and `engine.container-unhealthy` after the time limit; each with the container's last log lines.
 */
export async function awaitHealthy(
  engine: Engine,
  container: { id: string; name: string },
  isHealthy: (signal: AbortSignal) => Promise<boolean>,
  options: { timeoutMs: number; signal: AbortSignal; logFile?: LogFile | undefined },
): Promise<void> {
  // A monotonic clock, because the system clock may be set during the wait.
  const deadline = performance.now() + options.timeoutMs;
  const pause = pauses(longestPauseMs, options.signal);
  let aliveAt = performance.now();
  for (;;) {
    options.signal.throwIfAborted();
    const { State: state, RestartCount: restarts, HostConfig: host } = await inspect(engine, container);
    const facts = async () => ({
      name: container.name,
      lastLines: await lastLines(engine, container.id, options.logFile),
    });
    if (state.Status !== 'exited') aliveAt = performance.now();
    const hasEnded = performance.now() - aliveAt > restartMs || restarts > 1;
    if (state.OOMKilled || (hasEnded && (await wasOutOfMemory(engine, container.id))))
      throw appError('engine.out-of-memory', { ...(await facts()), limitBytes: host.Memory ?? 0 });
    if (hasEnded) throw appError('engine.container-exited', { ...(await facts()), exitCode: state.ExitCode });
    if (
      state.Running &&
      (await isHealthy(AbortSignal.any([options.signal, AbortSignal.timeout(5000)])).catch(() => false))
    )
      return;
    if (performance.now() > deadline)
      throw appError('engine.container-unhealthy', { ...(await facts()), seconds: options.timeoutMs / 1000 });
    await pause();
  }
}

async function inspect(engine: Engine, container: { id: string; name: string }) {
  try {
    return await engine.docker.getContainer(container.id).inspect();
  } catch (thrown) {
    throw translateEngineError(thrown, {
      address: engine.address,
      doing: `waiting for the container ${container.name}`,
    });
  }
}

/** Returns the last log lines of a container, redacted and shortened: of its output, and of the file that it logs into, if any. */
async function lastLines(engine: Engine, id: string, logFile: LogFile | undefined): Promise<string[]> {
  const raw = await engine.docker
    .getContainer(id)
    .logs({ stdout: true, stderr: true, tail: tailLines })
    .catch(() => Buffer.alloc(0));
  const none = { lines: [] };
  const inFile = logFile ? await readTail(logFile.path, tailLines, false, logFile.sizeAtStart).catch(() => none) : none;
  const isFull = (line: string) => line.trim() !== '';
  const output = demultiplex(Buffer.from(raw)).split('\n').filter(isFull).slice(-tailLines);
  return [...output, ...inFile.lines.filter(isFull)].map(shownLine);
}

/** The text of a log answer: frames of 8 header bytes (stream, 0, 0, 0, big-endian length), as the engine's API describes. */
export function demultiplex(raw: Buffer): string {
  const texts: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length; ) {
    const length = raw.readUInt32BE(at + 4);
    texts.push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(texts).toString('utf8');
}
