import { describe, expect, it } from 'vitest';
import { plannedNotes, worstState } from '../../../src/renderer/features/deploy/step-state.ts';

const step = (id: string, state: 'exists' | 'will-be-made' | 'will-change' | 'blocked') => ({ id, state });

describe('the state of planned steps', () => {
  it('is that of the step which needs most', () => {
    expect(worstState([])).toBeUndefined();
    expect(worstState([step('a', 'exists'), step('b', 'will-be-made')])).toBe('will-be-made');
    expect(worstState([step('a', 'will-be-made'), step('b', 'will-change'), step('c', 'exists')])).toBe('will-change');
    expect(worstState([step('a', 'will-change'), step('b', 'blocked')])).toBe('blocked');
  });

  it('marks in the picture only the stations that run on this machine', () => {
    const steps = [
      step('port.front', 'blocked'),
      step('process.service', 'exists'),
      step('process.front', 'will-change'),
      step('container.gateway', 'will-be-made'),
      step('container.model', 'exists'),
      step('process.model', 'exists'),
    ];
    expect(plannedNotes(steps)).toEqual({
      gateway: { mark: 'todo', line: 'to be created' },
      front: { mark: 'look', line: 'to be changed' },
      model: { mark: 'done', line: 'up to date' },
    });
  });
});
