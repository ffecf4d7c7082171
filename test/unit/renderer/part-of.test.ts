import { expect, it } from 'vitest';
import { partOf } from '../../../src/renderer/features/home/part-of.ts';

const parts = [
  { name: 'model-qwen2.5-coder', state: 'running' as const },
  { name: 'model-talker', state: 'failed' as const },
];

it('opens the log of the part that a command names', () => {
  expect(partOf('sealift logs --site plant --part model-qwen2.5-coder', parts)).toBe('model-qwen2.5-coder');
  expect(partOf('sealift logs --site plant', parts)).toBe('model-talker');
  expect(partOf('sealift logs --site plant', [])).toBe('model');
});
