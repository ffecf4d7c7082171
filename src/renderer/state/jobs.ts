import { create } from 'zustand';
import type { JobSnapshot } from '../../shared/jobs.ts';
import { core, feed, useConnection } from './core.ts';
import { type ShownError, toShownError } from './shown-error.ts';

const showEveryMs = 100;

interface Jobs {
  /** Every job the core knows, by ID. */
  byId: Record<string, JobSnapshot>;
  /** False until the core has sent its full list. */
  isListed: boolean;
  isDrawerOpen: boolean;
  /** The job that is open in the drawer. */
  shown?: string;
}

/** All jobs of the core, whichever window started them. */
export const useJobs = create<Jobs>(() => ({ byId: {}, isListed: false, isDrawerOpen: false }));

/** Starts to follow the jobs. Groups changes, so that many running jobs do not keep the page busy. */
export function followJobs(): void {
  let listing: Record<string, JobSnapshot> | undefined = {};
  useConnection.subscribe(({ state }) => {
    if (state === 'open') listing = {};
  });
  const change = gathered((jobs) => useJobs.setState(({ byId }) => ({ byId: { ...byId, ...jobs } })));
  feed(core().jobs.watchAll({}), (one) => {
    if (one.type === 'listed') {
      // Replaces the list of a previous server.
      if (listing) useJobs.setState({ byId: listing, isListed: true });
      listing = undefined;
    } else if (listing) listing[one.job.id] = one.job;
    else change(one.job);
  });
}

/** Collects changes for a tenth of a second, then passes on the newest of each job. */
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

/** Returns the jobs, newest first. */
export function newestFirst(byId: Record<string, JobSnapshot>): JobSnapshot[] {
  return Object.values(byId).sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

/** Returns the newest job of these kinds, optionally only in this state or for this site. */
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

/** Stops a job. Returns the error if the core refuses. */
export async function cancelJob(jobId: string): Promise<ShownError | undefined> {
  try {
    await core().jobs.cancel({ jobId });
    return undefined;
  } catch (error) {
    return toShownError(error);
  }
}

/** Opens the job drawer, with one job expanded if given. */
export function showJobs(jobId?: string): void {
  useJobs.setState({ isDrawerOpen: true, ...(jobId !== undefined && { shown: jobId }) });
}
