import { create } from 'zustand';
import type { GitlabPlan } from '../../../shared/contract/gitlab.ts';
import { core } from '../../state/core.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';

/** What is to be set in the site's GitLab. */
export const useGitlabPlan = create<{ plan?: GitlabPlan; error?: ShownError }>(() => ({}));

/** Asks for the plan of a site file. */
export async function askGitlabPlan(siteFile: string): Promise<void> {
  try {
    useGitlabPlan.setState({ plan: await core().gitlab.plan({ siteFile }) }, true);
  } catch (error) {
    useGitlabPlan.setState({ error: toShownError(error) }, true);
  }
}
