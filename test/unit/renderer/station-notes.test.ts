import { describe, expect, it } from 'vitest';
import { stationNotes } from '../../../src/renderer/features/probe/station-notes.ts';
import type { ChainNode } from '../../../src/renderer/ui/chain-nodes.ts';

const marksOf = (...nodes: [hop: string, state: ChainNode['state']][]) =>
  Object.values(stationNotes(nodes.map(([hop, state]) => ({ hop, title: hop, state })))).map((one) => one.mark);

it("say of each station what its last request came to, of the front nothing that is the model's", () => {
  const result = (hop: string, latencyMs: number): ChainNode => ({
    hop,
    title: hop,
    state: 'answered',
    result: { hop, title: hop, ok: true, skipped: false, status: 200, latencyMs, correlationId: 'x', simulated: false },
  });
  const notes = stationNotes([result('model', 37.4), result('gateway-health', 2), result('gateway-prompt', 123)]);
  expect(Object.values(notes).map((one) => one.line)).toEqual([
    undefined,
    'HTTP 200 · 123 ms',
    undefined,
    'HTTP 200 · 37 ms',
  ]);
});

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
