import { describe, expect, it } from 'vitest';
import { wizard, wizardAnswers } from '../../../src/shared/contract/wizard.ts';

describe('an answer of the wizard', () => {
  it('changes nothing that was not answered', () => {
    const { set } = wizard.answer.input.parse({ set: { modelId: 'llama-3.1-8b' } });
    expect(set).toEqual({ modelId: 'llama-3.1-8b' });
  });

  it('begins with nothing chosen', () => {
    expect(wizardAnswers.parse({})).toEqual({ features: [], mediaDirs: [], overrides: {} });
  });
});
