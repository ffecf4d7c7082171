import { beforeEach, describe, expect, it } from 'vitest';
import { noteSpeeds, useSpeeds } from '../../../src/renderer/features/home/speeds.ts';

const report = (site: string, measured: Record<string, number>) => noteSpeeds([{ site, measured }]);

describe('the speeds of answers', () => {
  beforeEach(() => useSpeeds.setState({}, true));

  it('are those of ended answers: one that is being written repeats the speed of the last', () => {
    report('lab', { requests: 1, tokensPerSecond: 38 });
    report('lab', { requests: 2, tokensPerSecond: 38, inFlight: 1 });
    report('lab', { requests: 2, tokensPerSecond: 41 });
    report('plant', { requests: 9, tokensPerSecond: 7 });
    expect(useSpeeds.getState()).toEqual({ lab: [38, 41], plant: [7] });
  });

  it('are not made up where none is reported, and the last forty are kept', () => {
    report('lab', { requests: 3 });
    expect(useSpeeds.getState()).toEqual({});
    for (let n = 1; n <= 50; n += 1) report('lab', { tokensPerSecond: n });
    expect(useSpeeds.getState().lab).toEqual(Array.from({ length: 40 }, (_, n) => n + 11));
  });
});
