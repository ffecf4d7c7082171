import { setTimeout as sleep } from 'node:timers/promises';
import { appError, redact } from '../../../shared/errors/app-error.ts';
import type { Engine } from './connect-engine.ts';
import { wasOutOfMemory } from './out-of-memory.ts';
import { translateEngineError } from './translate-error.ts';

const pollMs = 500;
const tailLines = 8;
// An engine that restarts shows its containers as ended for a moment before it starts them again.
const endedMs = 5000;

/**
 * Waits until `isHealthy` says yes. Throws `engine.out-of-memory` when the container was killed for memory, `engine.container-exited`
 * when it ended or restarts in a loop, `engine.container-unhealthy` after the time limit; each with the container's last lines.
 */
export async function awaitHealthy(
  engine: Engine,
  container: { id: string; name: string },
  isHealthy: (signal: AbortSignal) => Promise<boolean>,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  // Not the clock's time, which may be set while this waits.
  const deadline = performance.now() + options.timeoutMs;
  let aliveAt = performance.now();
  for (;;) {
    options.signal.throwIfAborted();
    const { State: state, RestartCount: restarts, HostConfig: host } = await inspect(engine, container);
    const facts = async () => ({ name: container.name, lastLines: await lastLines(engine, container.id) });
    if (state.Status !== 'exited') aliveAt = performance.now();
    const hasEnded = performance.now() - aliveAt > endedMs || restarts > 1;
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
    await sleep(pollMs, undefined, { signal: options.signal });
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

/** The last lines that a container wrote, redacted and shortened. */
export async function lastLines(engine: Engine, id: string): Promise<string[]> {
  const raw = await engine.docker
    .getContainer(id)
    .logs({ stdout: true, stderr: true, tail: tailLines })
    .catch(() => Buffer.alloc(0));
  return demultiplex(Buffer.from(raw))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-tailLines)
    .map((line) => redact(line).slice(0, 300));
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
