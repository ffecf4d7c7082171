import { describe, expect, it } from 'vitest';
import { draftOf, isOtherThanChosen } from '../../../src/renderer/features/deploy/site-draft.ts';
import type { WizardState } from '../../../src/shared/contract/wizard.ts';
import { wizardAnswers } from '../../../src/shared/contract/wizard.ts';

const stored = (name: string, isGguf: boolean) => ({ name, sizeBytes: 1, isGguf, bundleName: 'b' });

function choosing(modelId: string | undefined): WizardState {
  const answers = wizardAnswers.parse({ modelId });
  const models = [stored('tiny', true), stored('llama-3.3-70b', false)];
  return { answers, store: { models, images: [] }, site: null } as unknown as WizardState;
}

describe('the draft of a site', () => {
  it('proposes the model that was chosen, where the store has one of that name', () => {
    const state = choosing('llama-3.3-70b');
    const draft = draftOf(state);
    expect(draft).toMatchObject({ modelName: 'llama-3.3-70b', servedName: 'llama-3.3-70b', engine: 'vllm' });
    expect(isOtherThanChosen(draft, state)).toBe(false);
  });

  it('proposes what the store has where it lacks the chosen one, and knows that it is another name', () => {
    const state = choosing('codestral-22b');
    const draft = draftOf(state);
    expect(draft).toMatchObject({ modelName: 'tiny', engine: 'llamacpp' });
    expect(isOtherThanChosen(draft, state)).toBe(true);
    expect(isOtherThanChosen({ ...draft, engine: 'external' }, state)).toBe(false);
    expect(isOtherThanChosen({ ...draft, modelName: ' ' }, state)).toBe(false);
  });

  it('compares with nothing while nothing is chosen', () => {
    const state = choosing(undefined);
    expect(isOtherThanChosen(draftOf(state), state)).toBe(false);
  });
});
