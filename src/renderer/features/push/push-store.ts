import { create } from 'zustand';
import type { contract } from '../../../shared/contract/index.ts';
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts';
import { core } from '../../state/core.ts';
import { latestOnly } from '../../state/latest-only.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';

/** What the registry lacks, as the core found. */
export type PushPlan = OutputOf<(typeof contract)['push']['plan']>;
type PushInput = InputOf<(typeof contract)['push']['plan']>;

interface PushState {
  target: string;
  ca: string;
  tokenHost: string;
  isFromMedia: boolean;
  /** The media to push from. */
  dirs: string[];
  overrideReason?: string | undefined;
  plan?: PushPlan | undefined;
  /** What `plan` and `error` are about. */
  askedFor?: string | undefined;
  error?: ShownError | undefined;
  isPlanning: boolean;
}

/** The form and the comparison of the screen. They stay while other screens are shown. */
export const usePush = create<PushState>(() => ({
  target: '',
  ca: '',
  tokenHost: '',
  isFromMedia: false,
  dirs: [],
  isPlanning: false,
}));

/** Returns what the form asks the core to push. */
export function pushInput({ target, ca, tokenHost, isFromMedia, dirs, overrideReason }: PushState): PushInput {
  return {
    target: target.trim(),
    dirs: isFromMedia ? dirs : [],
    ...(ca.trim() !== '' && { ca: ca.trim() }),
    ...(tokenHost.trim() !== '' && { tokenHosts: [tokenHost.trim()] }),
    ...(isFromMedia && overrideReason !== undefined && { overrideReason }),
  };
}

/** Whether the comparison is about what the form says now. */
export function isCurrent(state: PushState): boolean {
  return state.plan !== undefined && state.askedFor === JSON.stringify(pushInput(state));
}

const begin = latestOnly();

/** Asks the registry what it lacks. Only the result of the latest call is used. */
export async function comparePush(): Promise<void> {
  const isLast = begin();
  const input = pushInput(usePush.getState());
  usePush.setState({ isPlanning: true, error: undefined });
  const end = (found: Partial<PushState>) => {
    if (isLast()) usePush.setState({ ...found, isPlanning: false, askedFor: JSON.stringify(input) });
  };
  try {
    end({ plan: await core().push.plan(input) });
  } catch (error) {
    end({ plan: undefined, error: toShownError(error) });
  }
}
