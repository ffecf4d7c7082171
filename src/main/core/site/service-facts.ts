import { isSameProcess } from '../processes/identity.ts';
import { type ServiceState, serviceState } from '../serving/parts.ts';
import { lockOwner } from '../settings/lock.ts';
import type { SitePaths } from './site-paths.ts';
import { readBounded } from './whole-file.ts';

/** What is known of the service of a site from its lock and its state file. */
export interface ServiceFacts {
  /** The service's process, when it runs; checked by its start time, so that it is safe to signal. */
  process: { pid: number; start: string } | undefined;
  /** The state file, when it can be read; of an earlier run when its `pid` differs from `process.pid`. */
  state: ServiceState | undefined;
  /** Why there is no `state`, in one line. */
  problem: string | undefined;
}

const limitBytes = 1024 * 1024;

/** Looks at the service of a site. Never throws for what the files hold. */
export async function serviceFacts(paths: SitePaths): Promise<ServiceFacts> {
  const { state, problem } = await readState(paths.serviceState);
  const owner = await lockOwner(paths.serviceLock);
  if (owner) return { process: { pid: owner.pid, start: owner.processStart }, state, problem };
  // The lock may be damaged while the service runs: its own state names the process too.
  const isAlive = state !== undefined && (await isSameProcess(state.pid, state.processStart));
  return { process: isAlive ? { pid: state.pid, start: state.processStart } : undefined, state, problem };
}

/** The state that the running service itself wrote, or undefined when it does not run or has written none yet. */
export function liveState(facts: ServiceFacts): ServiceState | undefined {
  return facts.process && facts.state?.pid === facts.process.pid ? facts.state : undefined;
}

async function readState(path: string): Promise<{ state?: ServiceState; problem?: string }> {
  const text = await readBounded(path, limitBytes).catch((error) => new Error(String(error.message)));
  if (text instanceof Error) return { problem: text.message };
  if (text === undefined) return { problem: 'the service has written no state yet' };
  try {
    return { state: serviceState.parse(JSON.parse(text)) };
  } catch {
    return { problem: `${path} is damaged` };
  }
}
