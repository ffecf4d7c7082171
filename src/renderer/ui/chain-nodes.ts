import type { HopResult } from '../../shared/contract/probe.ts';
import type { JobSnapshot } from '../../shared/jobs.ts';

/** One hop in the chain and its state. */
export interface ChainNode {
  hop: string;
  title: string;
  state: 'waiting' | 'asking' | 'answered' | 'failed' | 'skipped';
  result?: HopResult;
}

/** Returns the nodes of a finished probe. */
export function nodesOf(hops: readonly HopResult[]): ChainNode[] {
  return hops.map((result) => ({
    hop: result.hop,
    title: result.title,
    state: result.skipped ? 'skipped' : result.ok ? 'answered' : 'failed',
    result,
  }));
}

/** Returns the nodes of a running probe: the hops it has reached, from the steps of its job. */
export function nodesOfJob(job: JobSnapshot): ChainNode[] {
  const state = { working: 'asking', done: 'answered', failed: 'failed', skipped: 'skipped' } as const;
  return job.steps.map((step) => ({ hop: step.id, title: step.title, state: state[step.state] }));
}
