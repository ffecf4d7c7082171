import { describe, expect, it } from 'vitest';
import { servedNameOf } from '../../../src/main/core/serving/run-model-server.ts';
import { slug } from '../../../src/shared/site-file.ts';

describe('servedNameOf', () => {
  it.each([
    ['/models/Mistral-7B-Instruct-v0.3.Q4_K_M.gguf', 'mistral-7b-instruct-v0.3.q4_k_m'],
    ['Tiny Model (F16).GGUF', 'tiny-model-f16'],
    ['/x/模型.gguf', 'model'],
    ['/x/.gguf', 'model'],
    ['/x/__a__', 'a'],
    [`/x/${'a'.repeat(100)}.gguf`, 'a'.repeat(63)],
  ])('serves %s as %s', (path, name) => {
    expect(servedNameOf(path)).toBe(name);
    expect(slug.safeParse(name).success).toBe(true);
  });
});
