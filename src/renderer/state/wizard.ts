import { create } from 'zustand';
import type { WizardAnswers, WizardState } from '../../shared/contract/wizard.ts';
import { core, feed } from './core.ts';
import { type ShownError, toShownError } from './shown-error.ts';

/** The wizard as the core sees it; undefined until the first answer. */
export const useWizard = create<{ state?: WizardState; error?: ShownError }>(() => ({}));

/** Begins to follow the wizard. */
export function followWizard(): void {
  feed(
    core().wizard.watch({}),
    (state) => useWizard.setState({ state }),
    (error) => useWizard.setState({ error }),
  );
}

/** Changes answers; the new state comes by the watch. An error is shown where the wizard's errors are. */
export async function answer(
  set: Partial<WizardAnswers>,
  clear: (
    | 'gitlabVersion'
    | 'users'
    | 'modelId'
    | 'recommendedId'
    | 'contextTokens'
    | 'concurrency'
    | 'siteFile'
  )[] = [],
): Promise<void> {
  try {
    await core().wizard.answer({ set, clear });
  } catch (error) {
    useWizard.setState({ error: toShownError(error) });
  }
}
