import { afterEach, expect, it, vi } from 'vitest';
import { HungModel } from '../../../src/main/core/site/service/hung-model.ts';

afterEach(() => vi.restoreAllMocks());

/** A model server that may load for 100 s: it hangs after 700. */
function hung(restart: (signal: AbortSignal) => Promise<string[]>, limitMs?: number) {
  const clock = { ms: 0 };
  const load = { ms: 100_000 };
  vi.spyOn(performance, 'now').mockImplementation(() => clock.ms);
  const said: string[] = [];
  const restarts = vi.fn(restart);
  const model = new HungModel({
    restart: restarts,
    loadMs: () => load.ms,
    figure: 'upstreamSilentSeconds',
    say: (line) => said.push(line),
    ...(limitMs !== undefined && { limitMs }),
  });
  const look = async (upstreamSilentSeconds: number) => {
    model.look({ upstreamSilentSeconds });
    await model.idle();
    return restarts.mock.calls.length;
  };
  return { clock, load, said, look, model };
}

it('restarts a model server that is silent for ten minutes and the time that loading takes, not sooner', async () => {
  const { look, said } = hung(async () => ['sealift-lab-model']);
  expect(await look(699)).toBe(0);
  expect(await look(700)).toBe(1);
  expect(said).toEqual(['restarted sealift-lab-model: it sent nothing for 700 s']);
});

it('waits as long as a larger model loads that a later plan brings', async () => {
  const { look, load } = hung(async () => ['a']);
  load.ms = 200_000;
  expect(await look(799)).toBe(0);
  expect(await look(800)).toBe(1);
});

it('does not restart it again before it can hang again', async () => {
  const { look, clock } = hung(async () => ['a']);
  await look(700);
  clock.ms += 699_999;
  expect(await look(1400)).toBe(1);
  clock.ms += 1;
  expect(await look(1400)).toBe(2);
});

it('tries a restart that failed again after a minute, and says why', async () => {
  const { look, clock, said } = hung(async () => {
    throw new Error('the engine is silent');
  });
  await look(700);
  expect(await look(702)).toBe(1);
  expect(said).toEqual([expect.stringContaining('the engine is silent')]);
  clock.ms += 60_000;
  expect(await look(762)).toBe(2);
});

it('counts its restarts, with the last sign', async () => {
  const { look, model } = hung(async () => ['a']);
  expect(model.hangs).toBeUndefined();
  await look(700);
  expect(model.hangs).toEqual({ times: 1, lastAt: expect.any(String), lastSign: 'sent nothing for 700 s' });
});

it('ends a restart in progress when it is stopped, and starts nothing from then on', async () => {
  const { look, model, said } = hung(
    (signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  model.look({ upstreamSilentSeconds: 700 });
  await model.stop();
  expect(said).toEqual([]);
  expect(await look(100_000)).toBe(1);
});

it('does nothing for parts without such a figure', async () => {
  const { model, said } = hung(async () => ['a']);
  model.look({ silentSeconds: 9999 });
  await model.idle();
  expect(said).toEqual([]);
});

it('waits no longer than its limit for an engine that never answers, also when it is stopped', async () => {
  const { look, model, said } = hung(() => new Promise(() => undefined), 1);
  await look(700);
  expect(said).toEqual([expect.stringContaining('the container engine did not finish within 0.001 s')]);
  const other = hung(() => new Promise(() => undefined), 1);
  other.model.look({ upstreamSilentSeconds: 700 });
  await other.model.stop();
  expect(other.said).toEqual([]);
  await model.stop();
});
