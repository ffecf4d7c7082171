import { describe, expect, it } from 'vitest';
import type { Model } from '../../../src/renderer/features/model/model-store.ts';
import { minimumText } from '../../../src/renderer/features/model/model-words.ts';

describe("GitLab's minimum in the comparison", () => {
  const of = (gitlabMinimum?: NonNullable<Model['fit']>['gitlabMinimum']) =>
    minimumText((gitlabMinimum === undefined ? {} : { fit: { gitlabMinimum } }) as Model);

  it('is from its documentation, not listed if absent there, and unknown before a check', () => {
    expect(of({ gpus: '1x H100', vramBytes: 80e9, source: 's' })).toBe('1x H100');
    expect(of(null)).toBe('not listed');
    expect(of()).toBe('unknown');
  });
});
