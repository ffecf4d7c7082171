import { describe, expect, it } from 'vitest';
import {
  contentOf,
  draftOf,
  ggufChoice,
  isOtherThanChosen,
  modelProblem,
} from '../../../src/renderer/features/deploy/site-draft.ts';
import type { WizardState } from '../../../src/shared/contract/wizard.ts';
import { wizardAnswers } from '../../../src/shared/contract/wizard.ts';

const stored = (name: string, isGguf: boolean) => ({
  name,
  sizeBytes: 1,
  ggufs: isGguf ? ['a.gguf'] : [],
  bundleName: 'b',
});

function choosing(modelId: string | undefined): WizardState {
  const answers = wizardAnswers.parse({ modelId });
  const models = [stored('tiny', true), stored('llama-3.3-70b', false)];
  return {
    answers,
    store: { models, images: [] },
    site: null,
    addresses: ['10.20.0.5', '192.168.7.5'],
  } as unknown as WizardState;
}

describe('the draft of a site', () => {
  it('suggests the chosen model if the store has one of that name', () => {
    const state = choosing('llama-3.3-70b');
    const draft = draftOf(state);
    expect(draft).toMatchObject({ modelName: 'llama-3.3-70b', servedName: 'llama-3.3-70b', engine: 'vllm' });
    expect(isOtherThanChosen(draft, state)).toBe(false);
  });

  it('suggests a model from the store if the chosen one is not there, and notes that its name differs', () => {
    const state = choosing('codestral-22b');
    const draft = draftOf(state);
    expect(draft).toMatchObject({ modelName: 'tiny', engine: 'llamacpp' });
    expect(isOtherThanChosen(draft, state)).toBe(true);
    expect(isOtherThanChosen({ ...draft, engine: 'external' }, state)).toBe(false);
    expect(isOtherThanChosen({ ...draft, modelName: ' ' }, state)).toBe(false);
  });

  it('proposes an address of this machine, and images of the store that the model server and the gateway need', () => {
    const state = choosing('llama-3.3-70b');
    state.store.images = ['registry.example/vllm/vllm-openai:v1', 'registry.example/ai-gateway:v18'].map(
      (reference) => ({
        reference,
        digest: 'sha256:1',
      }),
    );
    expect(draftOf(state)).toMatchObject({
      gatewayHost: '10.20.0.5',
      gatewayImage: 'registry.example/ai-gateway:v18',
      modelImage: 'registry.example/vllm/vllm-openai:v1',
      litellmImage: '',
    });
    state.answers.modelId = 'tiny';
    expect(draftOf(state).modelImage).toBe('');
  });

  it('says why its model cannot be served as it is', () => {
    const state = choosing('tiny');
    const draft = draftOf(state);
    expect(modelProblem(draft, state)).toBe(undefined);
    Object.assign(state.store.models[0] ?? {}, { problem: 'it has several GGUF models' });
    expect(modelProblem(draft, state)).toBe('it has several GGUF models');
    expect(modelProblem({ ...draft, engine: 'external' }, state)).toBe(undefined);
    expect(modelProblem({ ...draft, modelName: 'llama-3.3-70b' }, state)).toBe(undefined);
  });

  it('asks which GGUF is served where the model has several, and keeps the answer for engines that serve one', () => {
    const state = choosing('tiny');
    Object.assign(state.store.models[0] ?? {}, { ggufs: ['q4.gguf', 'q8.gguf'] });
    const draft = draftOf(state);
    const served = (change: object) =>
      (contentOf({ ...draft, ...change }, undefined).model as { serve?: string }).serve;
    expect(ggufChoice(draft, state)).toEqual({ ggufs: ['q4.gguf', 'q8.gguf'] });
    expect(served({})).toBe(undefined);
    expect(served({ serve: 'q8.gguf' })).toBe('q8.gguf');
    for (const engine of ['vllm', 'external'] as const) {
      expect(ggufChoice({ ...draft, engine }, state).ggufs).toEqual([]);
      expect(served({ serve: 'q8.gguf', engine })).toBe(undefined);
    }
    expect(ggufChoice({ ...draft, modelName: 'llama-3.3-70b' }, state).ggufs).toEqual([]);
  });

  it('compares nothing while no model is chosen', () => {
    const state = choosing(undefined);
    expect(isOtherThanChosen(draftOf(state), state)).toBe(false);
  });

  it('writes slots for the embedded engine only, and only if they are given', () => {
    const draft = draftOf(choosing('tiny'));
    expect(draft.slots).toBe('');
    expect(contentOf(draft, null).model).not.toHaveProperty('slots');
    expect(contentOf({ ...draft, slots: 4 }, null).model).toMatchObject({ slots: 4 });
    expect(contentOf({ ...draft, slots: 4, engine: 'external' }, null).model).not.toHaveProperty('slots');
  });

  it.each([
    [' /etc/sealift/key ', { file: '/etc/sealift/key' }],
    ['SEALIFT_MODEL_KEY', { variable: 'SEALIFT_MODEL_KEY' }],
  ])('writes the key %s of an existing server as %j, and shows it again', (typed, endpointKey) => {
    const state = choosing('tiny');
    const draft = { ...draftOf(state), engine: 'external' as const, endpointKey: typed };
    expect(contentOf(draft, null).model).toMatchObject({ endpointKey });
    expect(contentOf({ ...draft, endpointKey: ' ' }, null).model).not.toHaveProperty('endpointKey');
    expect(contentOf({ ...draft, engine: 'llamacpp' }, null).model).not.toHaveProperty('endpointKey');
    state.site = { content: contentOf(draft, null) } as unknown as WizardState['site'];
    expect(draftOf(state).endpointKey).toBe(typed.trim());
  });
});
