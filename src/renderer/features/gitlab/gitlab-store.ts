import { create } from 'zustand';
import type { GitlabPlan } from '../../../shared/contract/gitlab.ts';
import { core } from '../../state/core.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { turns } from '../../state/turns.ts';

/** What is to be set in the GitLab of a site. */
export const useGitlabPlan = create<{ siteFile?: string; plan?: GitlabPlan; error?: ShownError }>(() => ({}));

const begin = turns();

/** Asks for the plan of a site file; of several questions the last one counts. */
export async function askGitlabPlan(siteFile: string): Promise<void> {
  const isLast = begin();
  try {
    const plan = await core().gitlab.plan({ siteFile });
    if (isLast()) useGitlabPlan.setState({ siteFile, plan }, true);
  } catch (error) {
    if (isLast()) useGitlabPlan.setState({ siteFile, error: toShownError(error) }, true);
  }
}
