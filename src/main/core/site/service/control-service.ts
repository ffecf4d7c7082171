import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { makeFolder } from '../../files/make-folder.ts';
import type { CorePorts } from '../../ports.ts';
import { isSameProcess } from '../../processes/identity.ts';
import { pauses } from '../../processes/pauses.ts';
import type { ServiceState } from '../../serving/parts/parts.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import type { Work } from '../../work.ts';
import { controlUnit, loadedUnit } from '../unit/control-unit.ts';
import type { UnitPlace } from '../unit/unit-place.ts';
import { lastLine } from './last-line.ts';
import { openLog } from './part-log.ts';
import { serviceEnvironment } from './service-environment.ts';
import { liveState, serviceFacts } from './service-facts.ts';

const longestPauseMs = 100;
const startMs = 30_000;
const stopMs = 45_000;
const killMs = 5000;
// A service that stops its parts updates its state at each one, and no part takes longer than 10 s.
const silentStopMs = 15_000;

/**
 * Starts the service of a site and waits until it has written its state: by systemd where the site has a unit, else in a session of its own,
 * where it is killed if it gets no further, or on an abort. The service must not be running. Throws `site.service-died` with the last line of
 * its log, and `unit.refused`.
 */
export async function startService(
  ports: Pick<CorePorts, 'node' | 'workers'>,
  paths: SitePaths,
  site: string,
  signal: AbortSignal,
): Promise<void> {
  await makeFolder(paths.logs, 0o700);
  const unit = await loadedUnit(paths, signal);
  const started = unit ? await startUnit(unit, paths, signal) : await startProcess(ports, paths);
  try {
    const isSettled = await waitUntil(
      async () => (await started.hasEnded()) || (await started.isUp()),
      startMs,
      signal,
    );
    if (!isSettled || !(await started.isUp())) {
      const log = serviceLog(paths);
      throw appError('site.service-died', { site, log, lastLine: await lastLine(log) }, started.problem());
    }
  } catch (error) {
    started.giveUp();
    throw error;
  }
}

interface StartedService {
  isUp(): Promise<boolean>;
  hasEnded(): Promise<boolean>;
  problem(): Error | undefined;
  giveUp(): void;
}

async function startUnit(unit: UnitPlace, paths: SitePaths, signal: AbortSignal): Promise<StartedService> {
  await controlUnit(unit, 'start', signal);
  return {
    isUp: async () => liveState(await serviceFacts(paths)) !== undefined,
    hasEnded: async () => !(await loadedUnit(paths, signal))?.hasProcess,
    problem: () => undefined,
    // systemd does not give up.
    giveUp: () => undefined,
  };
}

async function startProcess(ports: Pick<CorePorts, 'node' | 'workers'>, paths: SitePaths): Promise<StartedService> {
  const log = await openLog(serviceLog(paths));
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
  return {
    isUp: async () => liveState(await serviceFacts(paths))?.pid === child.pid && child.pid !== undefined,
    hasEnded: async () => spawnError !== undefined || child.exitCode !== null || child.signalCode !== null,
    problem: () => spawnError,
    // Until it has written its state, no one else could find it to stop it.
    giveUp: () => void child.kill('SIGKILL'),
  };
}

function serviceLog({ logs }: SitePaths): string {
  return join(logs, 'service.log');
}

/**
 * Makes the running service restart parts that failed, do not answer, or read changed keys. A service that does not react within
 * 45 s, or has not updated its state for 15, is stopped and started again; a silent one is killed 5 s after it was told to stop.
 * Throws as `startService` and `stopService` do.
 */
export async function reloadService(
  ports: Pick<CorePorts, 'node' | 'workers'>,
  paths: SitePaths,
  site: string,
  signal: AbortSignal,
): Promise<void> {
  const facts = await serviceFacts(paths);
  const before = liveState(facts)?.reloads;
  let limitMs = stopMs;
  // Windows has no such signal.
  if (facts.process && before !== undefined && process.platform !== 'win32') {
    process.kill(facts.process.pid, 'SIGHUP');
    const hasHeard = async () => (liveState(await serviceFacts(paths))?.reloads ?? 0) > before;
    const end = await untilSilent(paths, hasHeard, signal);
    if (end === 'done') return;
    if (end === 'silent') limitMs = killMs;
  }
  await stopService(paths, site, signal, limitMs);
  await startService(ports, paths, site, signal);
}

/**
 * Stops the service and its parts, by force after `limitMs`, or after 15 s without an update; false when it was not running. Where the site has
 * a unit, systemd does it, so that it does not restart the service. Throws `site.service-stuck` and `unit.refused`.
 */
export async function stopService(
  paths: SitePaths,
  site: string,
  signal: AbortSignal,
  limitMs = stopMs,
): Promise<boolean> {
  const unit = await loadedUnit(paths, signal);
  if (unit?.isActive) await controlUnit(unit, 'stop', signal);
  // It may have been started before there was a unit.
  return (await stopProcess(paths, site, signal, limitMs)) || unit?.hasProcess === true;
}

async function stopProcess(paths: SitePaths, site: string, signal: AbortSignal, limitMs: number): Promise<boolean> {
  const { process: running } = await serviceFacts(paths);
  if (!running) return false;
  const { pid, start } = running;
  const isGone = async () => !(await isSameProcess(pid, start));
  const tell = async (kind: NodeJS.Signals) => {
    if (await isSameProcess(pid, start)) process.kill(pid, kind);
  };
  const began = performance.now();
  await tell('SIGTERM');
  if ((await untilSilent(paths, isGone, signal, limitMs)) === 'done') return true;
  // The parts exit by themselves when the service is gone.
  await tell('SIGKILL');
  if (!(await waitUntil(isGone, killMs, signal)))
    throw appError('site.service-stuck', { site, pid, seconds: Math.round((performance.now() - began) / 1000) });
  return true;
}

/**
 * Waits until the named part of the running service answers, and returns it. Each new error of the part becomes a warning. Throws
 * `site.part-failed` when this part or one before it has failed, `site.service-died` when the service is gone,
 * `site.service-stuck` when it no longer updates its state.
 */
export async function waitForPart(
  paths: SitePaths,
  site: string,
  name: string,
  work: Work,
): Promise<ServiceState['parts'][number]> {
  const pause = pauses(longestPauseMs, work.signal);
  let told: string | undefined;
  const silentFor = silence();
  for (;;) {
    work.signal.throwIfAborted();
    const state = liveState(await serviceFacts(paths));
    if (!state) {
      const log = serviceLog(paths);
      throw appError('site.service-died', { site, log, lastLine: await lastLine(log) });
    }
    const at = state.parts.findIndex((one) => one.name === name);
    const part = state.parts[at];
    if (part?.state === 'running') return part;
    const silentMs = silentFor(state.updatedAt);
    if (silentMs > stopMs)
      throw appError('site.service-stuck', { site, pid: state.pid, seconds: Math.round(silentMs / 1000) });
    // A part may need those before it.
    const failed = state.parts.slice(0, at + 1).find((one) => one.state === 'failed');
    if (failed) throw appError('site.part-failed', { site, part: failed.name, error: failed.error ?? 'unknown' });
    if (part?.error && part.error !== told) work.warn(`${name}: ${part.error}`);
    told = part?.error;
    await pause();
  }
}

/**
 * Returns a function that reports for how many ms the service has not updated its state. Measured with our own clock, because the one
 * that the service writes may be changed meanwhile.
 */
function silence(): (updatedAt: string | undefined) => number {
  let heard = { updatedAt: '' as string | undefined, at: performance.now() };
  return (updatedAt) => {
    if (updatedAt !== heard.updatedAt) heard = { updatedAt, at: performance.now() };
    return performance.now() - heard.at;
  };
}

/** Checks as `waitUntil` until the limit, or until the service has not updated its state for 15 s. Returns what came first. */
async function untilSilent(
  paths: SitePaths,
  done: () => Promise<boolean>,
  signal: AbortSignal,
  limitMs = stopMs,
): Promise<'done' | 'silent' | 'late'> {
  const silentMs = silence();
  const isSilent = async () => silentMs((await serviceFacts(paths)).state?.updatedAt) > silentStopMs;
  const isInTime = await waitUntil(async () => (await done()) || (await isSilent()), limitMs, signal);
  if (await done()) return 'done';
  return isInTime ? 'silent' : 'late';
}

/** Checks repeatedly until `done` or the time limit; true when done. Throws the signal's reason. */
async function waitUntil(done: () => Promise<boolean>, limitMs: number, signal: AbortSignal): Promise<boolean> {
  const pause = pauses(longestPauseMs, signal);
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    signal.throwIfAborted();
    if (await done()) return true;
    await pause();
  }
  return done();
}
