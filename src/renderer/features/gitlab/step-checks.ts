import { useState } from 'react';
import type { SettingStep } from '../../../shared/contract/gitlab.ts';
import { core } from '../../state/core.ts';
import { useMayWrite } from '../../state/hello.ts';
import { useJob } from '../../state/use-job.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import type { useSettingJobs } from './setting-jobs.ts';

/** What the last check of a step found, when, and why it is not done. */
export interface Verdict {
  state: 'done' | 'open' | 'not-known';
  at: string;
  why: string[];
}

/** Checks single steps of one site's plan, and knows what the last check of each found. */
export interface StepChecks {
  /** The step that was asked for last, while its check runs. */
  running: string | undefined;
  mayCheck(step: SettingStep): boolean;
  check(step: SettingStep): void;
  verdictOf(step: SettingStep): Verdict | undefined;
}

/** Returns the checks of a site. `token` is sent with each; `jobs` are the site's own. */
export function useStepChecks(of: {
  path: string;
  site: string;
  token: string;
  jobs: ReturnType<typeof useSettingJobs>;
}) {
  const { path, site, token, jobs } = of;
  const probe = useJob('probe', 'run', path);
  const mayWrite = useMayWrite();
  const [asked, setAsked] = useState<SettingStep>();
  const isBusy = jobs.isBusy || probe.isRunning;
  const checks: StepChecks = {
    running: isBusy ? asked?.id : undefined,
    mayCheck: (step) => !isBusy && (mayWrite || step.checkedBy?.kind !== 'hop'),
    check: (step) => {
      setAsked(step);
      if (step.checkedBy?.kind !== 'hop') jobs.begin('check', token, step.id);
      else void probe.start(() => core().probe.run({ siteFile: path, ...(token !== '' && { token }) }));
    },
    verdictOf: ({ id, checkedBy }) => {
      if (checkedBy?.kind === 'hop')
        return probe.result?.site === site ? ofHop(probe.result, checkedBy.hop) : undefined;
      const step = jobs.latest?.site === site ? jobs.latest.steps?.find((one) => one.id === id) : undefined;
      if (!step || !jobs.latest) return undefined;
      const why = step.state === 'not-known' ? [text.noSuchSetting] : step.differing.map(text.differs);
      return { state: step.state, at: jobs.latest.at, why };
    },
  };
  return { checks, error: asked?.checkedBy?.kind === 'hop' ? probe.error : undefined };
}

type ProbeResult = NonNullable<ReturnType<typeof useJob<'probe', 'run'>>['result']>;

/* A hop that was skipped or left out says nothing about the step. */
function ofHop({ at, hops, notChecked }: ProbeResult, id: string): Verdict | undefined {
  const hop = hops.find((one) => one.hop === id);
  if (hop && !hop.skipped) return { state: hop.ok ? 'done' : 'open', at, why: hop.error ? [hop.error] : [] };
  const reason = notChecked.find((one) => one.hop === id)?.reason ?? text.hopSkipped;
  return { state: 'not-known', at, why: [reason] };
}
