import { deployText as text } from '../../text/deploy.ts';
import type { StationId, StationNote } from '../../ui/stations.ts';
import type { Plan } from './deploy-store.ts';

type Step = Pick<Plan['steps'][number], 'id' | 'state'>;
type State = Step['state'];

/** How the state of a step is marked. */
export const stateMark = { exists: 'done', 'will-be-made': 'todo', 'will-change': 'look', blocked: 'blocked' } as const;

const worstFirst: readonly State[] = ['blocked', 'will-change', 'will-be-made', 'exists'];

/** Returns the state of several steps together: that of the one which needs most. Undefined without steps. */
export function worstState(steps: readonly Step[]): State | undefined {
  return worstFirst.find((state) => steps.some((step) => step.state === state));
}

/** Returns what a plan does with the process or container of each station. A station that runs elsewhere has none. */
export function plannedNotes(steps: readonly Step[]): Partial<Record<StationId, StationNote>> {
  const notes: Partial<Record<StationId, StationNote>> = {};
  for (const station of Object.keys(text.picture) as StationId[]) {
    const isOwn = ({ id }: Step) =>
      new RegExp(`^(process|container)\\.${station}${station === 'model' ? '(-|$)' : '$'}`).test(id);
    const state = worstState(steps.filter(isOwn));
    if (state) notes[station] = { mark: stateMark[state], line: text.stepState[state] };
  }
  return notes;
}
