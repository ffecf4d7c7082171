import { readBounded } from '../../files/read-bounded.ts';
import { isSameProcess } from '../../processes/identity.ts';
import { type ServiceState, serviceState } from '../../serving/parts/parts.ts';
import { lockOwner } from '../../settings/lock.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { versionProblem } from '../../sites/version-problem.ts';

/** What the lock and the state file reveal about the service of a site. */
export interface ServiceFacts {
  /** The service's process, if it is running; verified by its start time, so it is safe to signal. */
  process: { pid: number; start: string } | undefined;
  /** The state file, if it is readable; from an earlier run if its `pid` differs from `process.pid`. */
  state: ServiceState | undefined;
  /** Why there is no `state`, in one line. */
  problem: string | undefined;
}

const limitBytes = 1024 * 1024;

/** Inspects the service of a site. Never throws because of the files' content. */
export async function serviceFacts(paths: SitePaths): Promise<ServiceFacts> {
  const { state, problem } = await readState(paths.serviceState);
  const owner = await lockOwner(paths.serviceLock);
  if (owner) return { process: { pid: owner.pid, start: owner.processStart }, state, problem };
  // The lock may be damaged while the service runs; its state file names the process too.
  const isAlive = state !== undefined && (await isSameProcess(state.pid, state.processStart));
  return { process: isAlive ? { pid: state.pid, start: state.processStart } : undefined, state, problem };
}

/** Returns the state that the running service wrote; undefined when it is not running or has written none yet. */
export function liveState(facts: ServiceFacts): ServiceState | undefined {
  return facts.process && facts.state?.pid === facts.process.pid ? facts.state : undefined;
}

async function readState(path: string): Promise<{ state?: ServiceState; problem?: string }> {
  const bytes = await readBounded(path, limitBytes).catch((error) => new Error(String(error.message)));
  if (bytes instanceof Error) return { problem: bytes.message };
  if (bytes === undefined) return { problem: 'the service has written no state yet' };
  try {
    const value = JSON.parse(bytes.toString('utf8'));
    const checked = serviceState.safeParse(value);
    return checked.success
      ? { state: checked.data }
      : { problem: `${path}: ${versionProblem(value) ?? 'it is damaged'}` };
  } catch {
    return { problem: `${path}: it is damaged` };
  }
}
