import { describe, expect, it } from 'vitest';
import { Pulse } from '../../../src/main/core/serving/llamacpp/pulse.ts';

function timed() {
  const clock = { ms: 5000 };
  return { clock, pulse: new Pulse(() => clock.ms) };
}

describe('the pulse of a model', () => {
  it('is the time since it started to compute what has no result', async () => {
    const { clock, pulse } = timed();
    expect(pulse.silentSeconds()).toBe(0);
    let end = (_value: string) => {};
    const result = pulse.during(
      new Promise<string>((resolve) => {
        end = resolve;
      }),
    );
    clock.ms += 90_000;
    expect(pulse.silentSeconds()).toBe(90);
    end('a token');
    expect(await result).toBe('a token');
    clock.ms += 90_000;
    expect(pulse.silentSeconds()).toBe(0);
  });

  it('starts again with each result of one of several answers', async () => {
    const { clock, pulse } = timed();
    void pulse.during(new Promise(() => {}));
    clock.ms += 50_000;
    await pulse.during(Promise.resolve());
    clock.ms += 10_000;
    expect(pulse.silentSeconds()).toBe(10);
  });

  it('does not count the pauses of a slow reader, and ends its source with it', async () => {
    const { clock, pulse } = timed();
    let isEnded = false;
    async function* tokens() {
      try {
        yield* ['a', 'b', 'c'];
      } finally {
        isEnded = true;
      }
    }
    const seen: string[] = [];
    for await (const token of pulse.each(tokens())) {
      clock.ms += 3_600_000;
      expect(pulse.silentSeconds()).toBe(0);
      seen.push(token);
      if (token === 'b') break;
    }
    expect([seen, isEnded]).toEqual([['a', 'b'], true]);
  });

  it('passes a failure on and counts it as a result', async () => {
    const { clock, pulse } = timed();
    await expect(pulse.during(Promise.reject(new Error('no memory')))).rejects.toThrow('no memory');
    clock.ms += 90_000;
    expect(pulse.silentSeconds()).toBe(0);
  });
});
