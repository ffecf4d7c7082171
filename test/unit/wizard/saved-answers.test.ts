import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobRunner } from '../../../src/main/core/jobs/job-runner.ts';
import type { CorePorts } from '../../../src/main/core/ports.ts';
import { homePaths } from '../../../src/main/core/settings/paths.ts';
import { readAnswers } from '../../../src/main/core/wizard/saved-answers.ts';
import { wizardHandlers } from '../../../src/main/core/wizard/wizard-handlers.ts';
import { wizard, wizardAnswers } from '../../../src/shared/contract/wizard.ts';

describe('an answer of the wizard', () => {
  it('changes nothing that was not answered', () => {
    const { set } = wizard.answer.input.parse({ set: { modelId: 'llama-3.1-8b' } });
    expect(set).toEqual({ modelId: 'llama-3.1-8b' });
  });

  it('starts with nothing chosen', () => {
    expect(wizardAnswers.parse({})).toEqual({ features: [], mediaDirs: [], doneSteps: [], overrides: {} });
  });
});

describe('answers that come at once', () => {
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'sealift-answers-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('all count, and folders are taken and left one by one', async () => {
    const handlers = wizardHandlers({ paths: homePaths(home) } as CorePorts, {} as JobRunner);
    const answer = (given: object) =>
      handlers.answer(wizard.answer.input.parse({ set: {}, ...given }), {
        signal: new AbortController().signal,
        mayWrite: true,
        owner: '',
      });
    const dirs = Array.from({ length: 12 }, (_, n) => `/mnt/${n}`);
    await Promise.all([...dirs.map((one) => answer({ addMediaDirs: [one] })), answer({ set: { users: 40 } })]);
    expect(await readAnswers(homePaths(home).wizard)).toMatchObject({ mediaDirs: dirs, users: 40 });
    await Promise.all(dirs.slice(1).map((one) => answer({ removeMediaDirs: [one] })));
    expect(await readAnswers(homePaths(home).wizard)).toMatchObject({ mediaDirs: ['/mnt/0'], users: 40 });
    await Promise.all(['a/one', 'a/two', 'b/one'].map((one) => answer({ addDoneSteps: [one] })));
    await answer({ removeDoneSteps: ['a/one'] });
    expect((await readAnswers(homePaths(home).wizard)).doneSteps).toEqual(['a/two', 'b/one']);
    const most = Array.from({ length: 98 }, (_, n) => `/srv/${n}`);
    await answer({ addMediaDirs: most });
    await expect(answer({ addMediaDirs: ['/one/more'] })).rejects.toMatchObject({ code: 'input.invalid' });
    expect((await readAnswers(homePaths(home).wizard)).mediaDirs).toHaveLength(99);
  });
});
