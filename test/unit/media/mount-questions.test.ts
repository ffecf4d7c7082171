import { describe, expect, it, vi } from 'vitest';
import { MountQuestions } from '../../../src/main/core/media/mount-questions.ts';

const never = () => new Promise<string>(() => undefined);

describe('questions to mounts', () => {
  it('returns answers, and nothing for what fails', async () => {
    const questions = new MountQuestions(1000);
    expect(await questions.ask('a', 1, async () => 'yes')).toBe('yes');
    expect(await questions.ask('b', 1, () => Promise.reject(new Error('no')))).toBeUndefined();
    expect(await questions.ask('b', 1, async () => 'now')).toBe('now');
  });

  it('asks a silent source only once, and waits for it only once', async () => {
    const questions = new MountQuestions(50);
    let asked = 0;
    const silent = () => {
      asked += 1;
      return never();
    };
    expect(await questions.ask('dead', 3, silent)).toBeUndefined();
    vi.useFakeTimers();
    // No clock runs now: whoever waited would wait for ever.
    for (let round = 0; round < 20; round += 1) expect(await questions.ask('dead', 3, silent)).toBeUndefined();
    vi.useRealTimers();
    expect(asked).toBe(1);
  });

  it('keeps asking others until too many are silent', async () => {
    const questions = new MountQuestions(10);
    await questions.ask('dead 1', 2, never);
    expect(await questions.ask('stick', 2, async () => 'there')).toBe('there');
    await questions.ask('dead 2', 2, never);
    expect(await questions.ask('stick', 2, async () => 'there')).toBeUndefined();
  });

  it('asks again once the late answer came', async () => {
    const questions = new MountQuestions(10);
    let answer = (_value: string) => {};
    const late = () =>
      new Promise<string>((resolve) => {
        answer = resolve;
      });
    expect(await questions.ask('slow', 1, late)).toBeUndefined();
    answer('late');
    await Promise.resolve();
    expect(await questions.ask('slow', 1, async () => 'in time')).toBe('in time');
  });
});
