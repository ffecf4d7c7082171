import { core } from '../../state/core.ts';
import { newestFirst, newestJob, useJobs } from '../../state/jobs.ts';
import { useJob } from '../../state/use-job.ts';

/** What Sealift does with the settings in GitLab: change and read back, only compare, or show or do what undoes the change. */
export type Verb = 'apply' | 'check' | 'undo-plan' | 'undo';

/** The apply, check and undo jobs of one site, and whichever started last. */
export function useSettingJobs(siteFile: string) {
  const apply = useJob('gitlab', 'apply', siteFile);
  const check = useJob('gitlab', 'check', siteFile);
  const undo = useJob('gitlab', 'undo', siteFile);
  const kinds = ['gitlab.apply', 'gitlab.check', 'gitlab.undo'];
  const newest = useJobs(({ byId }) => newestJob(byId, kinds, { subject: siteFile })?.kind);
  // Also one that failed, or was followed by a plan: its steps show whether it started to put something back.
  const putBack = useJobs(({ byId }) =>
    newestFirst(byId).find(
      ({ kind, subject, steps }) =>
        kind === 'gitlab.undo' && subject === siteFile && steps.some(({ id }) => id.startsWith('undo-')),
    ),
  );
  const results = [apply.result, check.result].filter((one) => one !== undefined);
  return {
    begin: (verb: Verb, token: string, step?: string) => {
      const input = { siteFile, ...(token !== '' && { token }) };
      if (verb === 'apply') void apply.start(() => core().gitlab.apply(input));
      else if (verb !== 'check') void undo.start(() => core().gitlab.undo({ ...input, plan: verb === 'undo-plan' }));
      else void check.start(() => core().gitlab.check({ ...input, ...(step !== undefined && { step }) }));
    },
    isBusy: apply.isRunning || check.isRunning || undo.isRunning,
    /** The newest. What it found is in `settings`, or in `undone`. */
    shown: { 'gitlab.check': check, 'gitlab.undo': undo }[newest ?? ''] ?? apply,
    settings: newest === 'gitlab.check' ? check.result : newest === 'gitlab.undo' ? undefined : apply.result,
    undone: newest === 'gitlab.undo' ? undo.result : undefined,
    /** When undo last changed something in GitLab, or started to. */
    putBackAt: putBack && (putBack.endedAt ?? putBack.updatedAt),
    /** The newest that GitLab showed, whatever asked for it. */
    latest: results.sort((a, b) => a.at.localeCompare(b.at)).at(-1),
  };
}
