import { create } from 'zustand';
import type { contract } from '../../shared/contract/index.ts';
import type { WizardState } from '../../shared/contract/wizard.ts';
import { clientError } from '../../shared/errors/client-error.ts';
import type { InputOf } from '../../shared/rpc/contract.ts';
import { core, feed } from './core.ts';
import { latestOnly } from './latest-only.ts';
import { type ShownError, toShownError } from './shown-error.ts';

/** The state of the wizard in the core. Undefined until it first arrives. */
export const useWizard = create<{ state?: WizardState; error?: ShownError | undefined }>(() => ({}));

type Change = InputOf<(typeof contract)['wizard']['answer']>;

/** Starts to follow the wizard. */
export function followWizard(): void {
  feed(
    core().wizard.watch({}),
    (state) => useWizard.setState({ state }),
    (error) => useWizard.setState({ error }),
  );
}

/** Sets and clears answers. The new state arrives through `followWizard`. Returns false if that failed; the frame shows the error. */
export function answer(set: Change['set'], clear: Change['clear'] = []): Promise<boolean> {
  return change({ set, clear });
}

/** Changes answers or media folders. Returns false if that failed. The error stays until a later change succeeds. */
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

const beginSwitch = latestOnly();

/**
 * Makes a deployed site the one that the steps are about; only the latest call counts. Returns false if that failed, as for a site whose
 * last deployment is not recorded; the frame shows the error.
 */
export async function switchSite(site: string): Promise<boolean> {
  const isLast = beginSwitch();
  try {
    const { sites } = await core().site.status({ site });
    const siteFile = sites[0]?.siteFile;
    if (!isLast()) return false;
    if (siteFile === undefined) throw clientError('site.unknown', { name: site, known: [] });
    return await answer({ siteFile });
  } catch (error) {
    useWizard.setState({ error: toShownError(error) });
    return false;
  }
}
