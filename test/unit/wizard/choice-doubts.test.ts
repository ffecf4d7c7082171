import { describe, expect, it } from 'vitest';
import { choiceDoubts } from '../../../src/main/core/wizard/choice-doubts.ts';
import { wizardSteps } from '../../../src/main/core/wizard/wizard-steps.ts';
import { type WizardAnswers, wizardAnswers } from '../../../src/shared/contract/wizard.ts';
import { containerSite } from '../../scenes/container-site.ts';

const chosen = (change: Partial<WizardAnswers> = {}) =>
  wizardAnswers.parse({ modelId: 'llama-3.1-8b', contextTokens: 8192, verdict: 'fits', ...change });
const site = containerSite();
const modelStep = (answers: WizardAnswers) =>
  wizardSteps({
    working: new Set(),
    answers,
    site: { path: '/s', content: site, problems: [] },
    store: { models: [], images: [] },
  }).find((one) => one.id === 'model');

describe('a choice binds the site', () => {
  it('without a doubt when the site is as it was chosen', () => {
    expect(choiceDoubts(chosen({ gitlabVersion: '18.9.2', recommendedId: 'llama-3.1-8b' }), site)).toEqual([]);
    expect(modelStep(chosen())?.status).toBe('done');
  });

  it.each<[Partial<WizardAnswers>, RegExp]>([
    [{ recommendedId: 'gpt-oss-120b' }, /instead of the recommended gpt-oss-120b/],
    [{ contextTokens: 32_768 }, /context of 8192 tokens, but 32768 were chosen/],
    [{ gitlabVersion: '19.1' }, /for GitLab 18.9, but the model was chosen for 19.1/],
    [{ features: ['DUO_AGENT_PLATFORM'] }, /lacks requested features: .*DUO_AGENT_PLATFORM/],
    [{ verdict: 'does-not-fit' }, /llama-3.1-8b does not fit this machine/],
    [{ verdict: 'not-known' }, /unknown whether llama-3.1-8b fits this machine/],
    [{ verdict: undefined }, /unknown whether llama-3.1-8b fits this machine/],
  ])('and %j is a doubt until someone enters a reason', (change, words) => {
    const answers = chosen(change);
    expect(choiceDoubts(answers, site)).toEqual([expect.stringMatching(words)]);
    expect(modelStep(answers)).toMatchObject({ status: 'look', reason: expect.stringMatching(words) });
    const reasoned = { ...answers, overrides: { 'model.choice': 'It was tested here' } };
    expect(modelStep(reasoned)).toMatchObject({ status: 'done' });
    expect(modelStep(reasoned)).not.toHaveProperty('reason');
  });

  it('wherever the model fits, and where its server runs already', () => {
    expect(choiceDoubts(chosen({ verdict: 'fits-tight' }), null)).toEqual([]);
    const external = containerSite({ model: { engine: 'external', endpoint: 'http://10.0.0.9/v1' } });
    expect(choiceDoubts(chosen({ verdict: 'does-not-fit' }), external)).toEqual([]);
  });

  it('does not bind while nothing is chosen', () => {
    expect(choiceDoubts(wizardAnswers.parse({ contextTokens: 1024, gitlabVersion: '19.1' }), site)).toEqual([]);
  });
});
