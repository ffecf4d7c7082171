import { create } from 'zustand';
import type { JobSnapshot } from '../../shared/jobs.ts';
import { core, feed, useConnection } from './core.ts';
import { type ShownError, toShownError } from './shown-error.ts';

const showEveryMs = 100;

interface Jobs {
  /** Every job that the core knows, by id. */
  byId: Record<string, JobSnapshot>;
  /** False until the core has told all it knows. */
  isListed: boolean;
  isDrawerOpen: boolean;
  /** The job whose details the drawer shows. */
  shown?: string;
}

/** All jobs of the core, of this window or another. */
export const useJobs = create<Jobs>(() => ({ byId: {}, isListed: false, isDrawerOpen: false }));

/** Begins to follow the jobs. Changes that come close together are shown together: many jobs at work must not keep the page busy. */
export function followJobs(): void {
  let listing: Record<string, JobSnapshot> | undefined = {};
  useConnection.subscribe(({ state }) => {
    if (state === 'open') listing = {};
  });
  const change = gathered((jobs) => useJobs.setState(({ byId }) => ({ byId: { ...byId, ...jobs } })));
  feed(core().jobs.watchAll({}), (one) => {
    if (one.type === 'listed') {
      // What another server listed before is forgotten here.
      if (listing) useJobs.setState({ byId: listing, isListed: true });
      listing = undefined;
    } else if (listing) listing[one.job.id] = one.job;
    else change(one.job);
  });
}

/** Gives on what came within a tenth of a second, the newest of each job. */
function gathered(show: (jobs: Record<string, JobSnapshot>) => void): (job: JobSnapshot) => void {
  let waiting: Record<string, JobSnapshot> | undefined;
  return (job) => {
    if (!waiting)
      setTimeout(() => {
        const jobs = waiting ?? {};
        waiting = undefined;
        show(jobs);
      }, showEveryMs);
    waiting = { ...waiting, [job.id]: job };
  };
}

/** The newest first. */
export function newestFirst(byId: Record<string, JobSnapshot>): JobSnapshot[] {
  return Object.values(byId).sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

/** The newest job of some kinds; with more, the newest that stands so, or that is for this site. */
export function newestJob(
  byId: Record<string, JobSnapshot>,
  kinds: readonly string[],
  { state, subject }: { state?: JobSnapshot['state']; subject?: string | undefined } = {},
): JobSnapshot | undefined {
  return newestFirst(byId).find(
    (job) =>
      kinds.includes(job.kind) &&
      (state === undefined || job.state === state) &&
      (subject === undefined || job.subject === subject),
  );
}

/** Stops a job. */
export async function cancelJob(jobId: string): Promise<ShownError | undefined> {
  try {
    await core().jobs.cancel({ jobId });
    return undefined;
  } catch (error) {
    return toShownError(error);
  }
}

/** Opens the drawer on one job, or on the list. */
export function showJobs(jobId?: string): void {
  useJobs.setState({ isDrawerOpen: true, ...(jobId !== undefined && { shown: jobId }) });
}
