import { create } from 'zustand';
import type { GitlabPlan } from '../../../shared/contract/gitlab.ts';
import { core } from '../../state/core.ts';
import { latestOnly } from '../../state/latest-only.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';

/** The settings plan of the site that is shown. */
export const useGitlabPlan = create<{ siteFile?: string; plan?: GitlabPlan; error?: ShownError }>(() => ({}));

const begin = latestOnly();

/** Requests the plan of a site file. Only the result of the latest call is used. */
export async function askGitlabPlan(siteFile: string): Promise<void> {
  const isLast = begin();
  try {
    const plan = await core().gitlab.plan({ siteFile });
    if (isLast()) useGitlabPlan.setState({ siteFile, plan }, true);
  } catch (error) {
    if (isLast()) useGitlabPlan.setState({ siteFile, error: toShownError(error) }, true);
  }
}
