import { useState } from 'react';
import type { GitlabResult, SettingStep, StepState } from '../../../shared/contract/gitlab.ts';
import { isOfDeployment, isOfSiteFile } from '../../../shared/of-deployment.ts';
import { settingLabel, settingValue } from '../../../shared/setting-label.ts';
import { core } from '../../state/core.ts';
import { useMayWrite } from '../../state/hello.ts';
import { useJob } from '../../state/use-job.ts';
import { useWizard } from '../../state/wizard.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import { settingsText } from '../../text/settings.ts';
import type { useSettingJobs } from './setting-jobs.ts';

/** What the last check of a step found, when, and why it is not done. `outdated`: it says nothing of the site as it is now. */
export interface Verdict {
  state: 'done' | 'open' | 'not-known' | 'outdated';
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
  /** The era of the plan: steps of another one are others under the same name. */
  era: string | undefined;
  token: string;
  jobs: ReturnType<typeof useSettingJobs>;
}) {
  const { path, site, era, token, jobs } = of;
  const deployedAt = useWizard((wizard) => wizard.state?.deployedAt);
  const siteFileSha256 = useWizard((wizard) => wizard.state?.site?.sha256);
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
      const isHop = checkedBy?.kind === 'hop';
      const result = isHop ? probe.result : jobs.latest;
      if (result?.site !== site) return undefined;
      const verdict = isHop
        ? probe.result && ofHop(probe.result, checkedBy.hop)
        : jobs.latest && ofCheck(jobs.latest, id);
      const isOfSite = isOfDeployment(result, deployedAt) && isOfSiteFile(result, siteFileSha256);
      const isUndone = jobs.putBackAt !== undefined && result.at <= jobs.putBackAt;
      const isCurrent = isOfSite && !isUndone && (isHop || jobs.latest?.era === era);
      return verdict && !isCurrent ? { state: 'outdated', at: verdict.at, why: [text.outdated] } : verdict;
    },
  };
  return { checks, error: asked?.checkedBy?.kind === 'hop' ? probe.error : undefined };
}

type ProbeResult = NonNullable<ReturnType<typeof useJob<'probe', 'run'>>['result']>;

function ofCheck({ at, steps }: GitlabResult, id: string): Verdict | undefined {
  const step = steps?.find((one) => one.id === id);
  if (!step) return undefined;
  const why = step.state === 'not-known' ? [text.noSuchSetting] : step.differing.map(inWords);
  return { state: step.state, at, why };
}

function inWords({ setting, now, wanted }: StepState['differing'][number]): string {
  const value = (one: string) => settingValue(setting, one, settingsText);
  const label = settingLabel(setting, settingsText);
  return text.differs({ setting: label, now: now === null ? null : value(now), wanted: value(wanted) });
}

/* A hop that was skipped or left out says nothing about the step. */
function ofHop({ at, hops, notChecked }: ProbeResult, id: string): Verdict | undefined {
  // With a list of models, each of them is asked.
  const isIt = (one: { hop: string }) => one.hop === id || one.hop.startsWith(`${id}-`);
  const own = hops.filter(isIt);
  const hop = own.find((one) => !one.ok) ?? own[0];
  if (hop && !hop.skipped) return { state: hop.ok ? 'done' : 'open', at, why: hop.error ? [hop.error] : [] };
  const reason = notChecked.find(isIt)?.reason ?? text.hopSkipped;
  return { state: 'not-known', at, why: [reason] };
}
