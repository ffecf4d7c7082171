import { core } from '../../state/core.ts';
import { newestJob, useJobs } from '../../state/jobs.ts';
import { useJob } from '../../state/use-job.ts';

/** What Sealift does with the settings in GitLab: change and read back, or only compare. */
export type Verb = 'apply' | 'check';

/** The apply and check jobs of one site, and whichever started last. */
export function useSettingJobs(siteFile: string) {
  const apply = useJob('gitlab', 'apply', siteFile);
  const check = useJob('gitlab', 'check', siteFile);
  const newest = useJobs(({ byId }) => newestJob(byId, ['gitlab.apply', 'gitlab.check'], { subject: siteFile })?.kind);
  const results = [apply.result, check.result].filter((one) => one !== undefined);
  return {
    begin: (verb: Verb, token: string, step?: string) => {
      const input = { siteFile, ...(token !== '' && { token }) };
      if (verb === 'apply') void apply.start(() => core().gitlab.apply(input));
      else void check.start(() => core().gitlab.check({ ...input, ...(step !== undefined && { step }) }));
    },
    isBusy: apply.isRunning || check.isRunning,
    shown: newest === 'gitlab.check' ? check : apply,
    /** The newest that GitLab showed, whatever asked for it. */
    latest: results.sort((a, b) => a.at.localeCompare(b.at)).at(-1),
  };
}
