import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { appError } from '../../../shared/errors/app-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import type { Work } from '../jobs/work.ts';
import type { CorePorts } from '../ports.ts';
import { isSameProcess } from '../processes/identity.ts';
import type { ServiceState } from '../serving/parts.ts';
import { lastLine } from './service/last-line.ts';
import { openLog } from './service/part-log.ts';
import { serviceEnvironment } from './service-environment.ts';
import { liveState, serviceFacts } from './service-facts.ts';
import type { SitePaths } from './site-paths.ts';

const lookEveryMs = 100;
const startMs = 30_000;
const reloadMs = 10_000;
const stopMs = 45_000;

/**
 * Starts the service of a site in a session of its own and waits until it has written its state. The service must not run. One that
 * does not come so far, also because of an abort, is ended. Throws `site.service-died` with the last line of its log.
 */
export async function startService(
  ports: Pick<CorePorts, 'node' | 'workers'>,
  paths: SitePaths,
  site: string,
  signal: AbortSignal,
): Promise<void> {
  await makeFolder(paths.logs, 0o700);
  const logPath = join(paths.logs, 'service.log');
  const log = await openLog(logPath);
  const child = spawn(ports.node, [join(ports.workers, 'service.js'), paths.folder], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    cwd: paths.folder,
    env: serviceEnvironment(process.env),
    windowsHide: true,
  });
  let spawnError: Error | undefined;
  child.once('error', (error) => {
    spawnError = error;
  });
  child.unref();
  await log.close();
  const isUp = async () => liveState(await serviceFacts(paths))?.pid === child.pid;
  const hasEnded = () => spawnError !== undefined || child.exitCode !== null || child.signalCode !== null;
  try {
    const isSettled = await waitUntil(async () => hasEnded() || (await isUp()), startMs, signal);
    if (hasEnded() || !isSettled)
      throw appError('site.service-died', { site, log: logPath, lastLine: await lastLine(logPath) }, spawnError);
  } catch (error) {
    // Before it has said so itself nobody else could find it to stop it.
    child.kill('SIGKILL');
    throw error;
  }
}

/**
 * Makes the running service start again what it gave up, what does not answer, and what reads changed keys. One that does not hear
 * within 10 s is stopped and started anew. Throws as `startService` and `stopService` do.
 */
export async function reloadService(
  ports: Pick<CorePorts, 'node' | 'workers'>,
  paths: SitePaths,
  site: string,
  signal: AbortSignal,
): Promise<void> {
  const facts = await serviceFacts(paths);
  const before = liveState(facts)?.reloads;
  // Windows has no such signal.
  if (facts.process && before !== undefined && process.platform !== 'win32') {
    process.kill(facts.process.pid, 'SIGHUP');
    const hasHeard = async () => (liveState(await serviceFacts(paths))?.reloads ?? 0) > before;
    if (await waitUntil(hasHeard, reloadMs, signal)) return;
  }
  await stopService(paths, site, signal);
  await startService(ports, paths, site, signal);
}

/** Stops the service and its parts, by force after 45 s; false when it did not run. Throws `site.service-stuck`. */
export async function stopService(paths: SitePaths, site: string, signal: AbortSignal): Promise<boolean> {
  const { process: running } = await serviceFacts(paths);
  if (!running) return false;
  const { pid, start } = running;
  const isGone = async () => !(await isSameProcess(pid, start));
  const tell = async (kind: NodeJS.Signals) => {
    if (await isSameProcess(pid, start)) process.kill(pid, kind);
  };
  await tell('SIGTERM');
  if (await waitUntil(isGone, stopMs, signal)) return true;
  // The parts end by themselves when the service is gone.
  await tell('SIGKILL');
  if (!(await waitUntil(isGone, lookEveryMs * 50, signal)))
    throw appError('site.service-stuck', { site, pid, seconds: stopMs / 1000 });
  return true;
}

/**
 * Waits until the named part of the running service answers, and gives it. Each new error of the part is told as a warning.
 * Throws `site.part-failed` when the service has given up this part or one before it, `site.service-died` when the service is gone,
 * `site.service-stuck` when it says nothing any more.
 */
export async function waitForPart(
  paths: SitePaths,
  site: string,
  name: string,
  work: Work,
): Promise<ServiceState['parts'][number]> {
  let told: string | undefined;
  // Measured here: the clock that the service writes may be set meanwhile.
  let heard = { updatedAt: '', at: performance.now() };
  for (;;) {
    work.signal.throwIfAborted();
    const state = liveState(await serviceFacts(paths));
    if (!state) {
      const log = join(paths.logs, 'service.log');
      throw appError('site.service-died', { site, log, lastLine: await lastLine(log) });
    }
    const at = state.parts.findIndex((one) => one.name === name);
    const part = state.parts[at];
    if (part?.state === 'running') return part;
    if (state.updatedAt !== heard.updatedAt) heard = { updatedAt: state.updatedAt, at: performance.now() };
    const silentMs = performance.now() - heard.at;
    if (silentMs > stopMs)
      throw appError('site.service-stuck', { site, pid: state.pid, seconds: Math.round(silentMs / 1000) });
    // A part waits for those before it.
    const failed = state.parts.slice(0, at + 1).find((one) => one.state === 'failed');
    if (failed) throw appError('site.part-failed', { site, part: failed.name, error: failed.error ?? 'unknown' });
    if (part?.error && part.error !== told) work.warn(`${name}: ${part.error}`);
    told = part?.error;
    await sleep(lookEveryMs, undefined, { signal: work.signal }).catch(() => undefined);
  }
}

/** Looks each 100 ms until `done` or the time is over; true when done. Throws the signal's reason. */
async function waitUntil(done: () => Promise<boolean>, limitMs: number, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    signal.throwIfAborted();
    if (await done()) return true;
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
  return done();
}
