import { setTimeout as sleep } from 'node:timers/promises';
import { appError } from '../../../../shared/errors/app-error.ts';
import { hangProblem } from './silent-part.ts';
import type { StartedPart } from './start-part.ts';

const usualWatch = { everyMs: 2000, now: () => performance.now() };

/**
 * Looks at a part's figures until it hangs as `hangProblem` says; then throws `serving.part-hung`, else the signal's reason. A part that
 * does not answer gets no second question.
 */
export async function untilHung(
  { config, measure }: Pick<StartedPart, 'config' | 'measure'>,
  signal: AbortSignal,
  { everyMs, now } = usualWatch,
): Promise<never> {
  let [heardAt, measured]: [number, Record<string, number | string | boolean>] = [now(), {}];
  let isAsked = false;
  const ask = async () => {
    isAsked = true;
    measured = await measure();
    [heardAt, isAsked] = [now(), false];
  };
  for (;;) {
    // Whoever waits for the end of its process sees that one that is gone does not answer.
    if (!isAsked) ask().catch(() => undefined);
    await sleep(everyMs, undefined, { signal });
    const problem = hangProblem(now() - heardAt, measured);
    if (problem !== undefined) throw appError('serving.part-hung', { part: config.name, problem });
  }
}
