import { describe, expect, it } from 'vitest';
import { cleanText } from '../../../src/main/core/probe/clean-text.ts';

const key = 'sk-0123456789abcdef';

describe('what another side said', () => {
  it('has no secret, nor the beginning of one where it was cut before', () => {
    for (let length = 6; length <= key.length; length += 1)
      expect(cleanText(`api_key: ${key}, and again ${key.slice(0, length)}`, [key], 300)).toBe(
        'api_key: [hidden], and again [hidden]',
      );
    expect(cleanText('models/sk-0', [key], 300)).toBe('models/sk-0');
  });
});
