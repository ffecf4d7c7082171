import { describe, expect, it } from 'vitest';
import type { StartedPart } from '../../../src/main/core/serving/parts/start-part.ts';
import { untilHung } from '../../../src/main/core/serving/parts/until-hung.ts';

const never = new Promise<never>(() => undefined);

/** A part of which each question takes a minute, by a clock of its own. */
function watched(answers: (Awaited<ReturnType<StartedPart['measure']>> | 'none')[]) {
  let [ms, asked] = [0, 0];
  const gone = new AbortController();
  const part = {
    config: { kind: 'llamacpp', name: 'model' } as StartedPart['config'],
    measure: async () => {
      const answer = answers[asked];
      asked += 1;
      if (answer === undefined) gone.abort();
      return answer === undefined || answer === 'none' ? never : answer;
    },
  };
  const now = () => {
    ms += 60_000;
    return ms;
  };
  return untilHung(part, gone.signal, { everyMs: 1, now });
}

describe('untilHung', () => {
  it('notices a part that does not answer', async () => {
    await expect(watched([{ silentSeconds: 0 }, 'none'])).rejects.toMatchObject({ code: 'serving.part-hung' });
  });

  it('notices a model that computes without a result', async () => {
    await expect(watched([{ silentSeconds: 0 }, { silentSeconds: 700 }])).rejects.toMatchObject({
      code: 'serving.part-hung',
      message: expect.stringContaining('no token for 700 s'),
    });
  });

  it('leaves a part that answers alone', async () => {
    const answers = Array.from({ length: 8 }, () => ({ silentSeconds: 30 }));
    await expect(watched(answers)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
