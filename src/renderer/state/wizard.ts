import { create } from 'zustand';
import type { contract } from '../../shared/contract/index.ts';
import type { WizardState } from '../../shared/contract/wizard.ts';
import type { InputOf } from '../../shared/rpc/contract.ts';
import { core, feed } from './core.ts';
import { type ShownError, toShownError } from './shown-error.ts';

/** The wizard as the core sees it; undefined until the first answer. */
export const useWizard = create<{ state?: WizardState; error?: ShownError | undefined }>(() => ({}));

type Change = InputOf<(typeof contract)['wizard']['answer']>;

/** Begins to follow the wizard. */
export function followWizard(): void {
  feed(
    core().wizard.watch({}),
    (state) => useWizard.setState({ state }),
    (error) => useWizard.setState({ error }),
  );
}

/** Changes answers; the new state comes by the watch. An error is shown where the wizard's errors are. */
export function answer(set: Change['set'], clear: Change['clear'] = []): Promise<boolean> {
  return change({ set, clear });
}

/** Changes answers in all the ways there are. False when that failed: the error stands until a later change is made. */
export async function change({ set = {}, ...more }: Partial<Change>): Promise<boolean> {
  try {
    await core().wizard.answer({ set, ...more });
    useWizard.setState({ error: undefined });
    return true;
  } catch (error) {
    useWizard.setState({ error: toShownError(error) });
    return false;
  }
}
