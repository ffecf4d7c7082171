import { describe, expect, it } from 'vitest';
import { stationNotes } from '../../../src/renderer/features/probe/station-notes.ts';
import type { ChainNode } from '../../../src/renderer/ui/chain-nodes.ts';

const marksOf = (...nodes: [hop: string, state: ChainNode['state']][]) =>
  Object.values(stationNotes(nodes.map(([hop, state]) => ({ hop, title: hop, state })))).map((one) => one.mark);

describe('the marks of the stations', () => {
  it('are "to do" before the first hop, and for hops that were left out', () => {
    expect(marksOf()).toEqual(['todo', 'todo', 'todo', 'todo']);
    expect(marksOf(['gateway-health', 'skipped'])).toEqual(['todo', 'todo', 'todo', 'todo']);
  });

  it('follow the hops that reached each station', () => {
    expect(marksOf(['model', 'answered'], ['gateway-health', 'asking'])).toEqual(['todo', 'working', 'done', 'done']);
    expect(marksOf(['model', 'answered'], ['gateway-health', 'answered'], ['gitlab-completion', 'failed'])).toEqual([
      'look',
      'done',
      'done',
      'done',
    ]);
  });

  it('point to the front and the model alike when the model did not answer through the front', () => {
    expect(marksOf(['model', 'failed'], ['gateway-health', 'skipped'])).toEqual(['todo', 'todo', 'look', 'look']);
  });
});
