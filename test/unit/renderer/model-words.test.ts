import { describe, expect, it } from 'vitest';
import type { Model } from '../../../src/renderer/features/model/model-store.ts';
import { minimumText } from '../../../src/renderer/features/model/model-words.ts';

describe("GitLab's minimum in the comparison", () => {
  const of = (gitlabMinimum?: NonNullable<Model['fit']>['gitlabMinimum']) =>
    minimumText((gitlabMinimum === undefined ? {} : { fit: { gitlabMinimum } }) as Model);

  it('is what its page asks for, no row where the page has none, and not known where nobody looked', () => {
    expect(of({ gpus: '1x H100', vramBytes: 80e9, source: 's' })).toBe('1x H100');
    expect(of(null)).toBe('no row');
    expect(of()).toBe('not known');
  });
});
