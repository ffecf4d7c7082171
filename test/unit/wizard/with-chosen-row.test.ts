import { describe, expect, it } from 'vitest';
import { withChosenRow } from '../../../src/main/core/wizard/with-chosen-row.ts';

const ids = ['kimi-k2.5', 'llama-3.1-8b'];
const site = (model: object) => ({ name: 'plant', model });

describe('the row of the model that was chosen', () => {
  it('is named in a site file for vLLM whose model has a name of its own', () => {
    expect(withChosenRow(site({ engine: 'vllm', name: 'kimi', vllm: { maxNumSeqs: 8 } }), 'kimi-k2.5', ids)).toEqual(
      site({ engine: 'vllm', name: 'kimi', vllm: { maxNumSeqs: 8, catalogId: 'kimi-k2.5' } }),
    );
    expect(withChosenRow(site({ engine: 'vllm', name: 'kimi' }), 'kimi-k2.5', ids).model).toMatchObject({
      vllm: { catalogId: 'kimi-k2.5' },
    });
  });

  it.each([
    ['nothing was chosen', { engine: 'vllm', name: 'kimi' }, undefined],
    ['another engine serves it', { engine: 'llamacpp', name: 'kimi' }, 'kimi-k2.5'],
    ['its name is a row already', { engine: 'vllm', name: 'llama-3.1-8b' }, 'kimi-k2.5'],
    ['the file names a row', { engine: 'vllm', name: 'k', vllm: { catalogId: 'llama-3.1-8b' } }, 'kimi-k2.5'],
    ['what was chosen is no row', { engine: 'vllm', name: 'k' }, 'parrot'],
  ])('is left out where %s', (_why, model, chosen) => {
    expect(withChosenRow(site(model), chosen, ids)).toEqual(site(model));
  });

  it('goes when another engine serves the model, and nothing else of the options goes', () => {
    const saved = (vllm: object) => site({ engine: 'llamacpp', name: 'kimi', vllm });
    expect(withChosenRow(saved({ catalogId: 'kimi-k2.5' }), 'kimi-k2.5', ids)).toEqual(
      site({ engine: 'llamacpp', name: 'kimi' }),
    );
    const own = saved({ catalogId: 'kimi-k2.5', maxNumSeqs: 8 });
    expect(withChosenRow(own, 'kimi-k2.5', ids)).toEqual(own);
  });

  it('is not written into a file that is no site file', () => {
    for (const content of [{}, { model: null }, { model: { engine: 'vllm', vllm: 'x' } }])
      expect(withChosenRow(content, 'kimi-k2.5', ids)).toEqual(content);
  });
});
