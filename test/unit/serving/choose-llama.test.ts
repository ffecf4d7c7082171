import { expect, it } from 'vitest';
import { firstUsable } from '../../../src/main/core/serving/llamacpp/choose-llama.ts';
import type { EngineVariant, TriedVariant } from '../../../src/main/core/serving/llamacpp/try-variant.ts';

const variant = (gpu: EngineVariant['gpu']): EngineVariant => ({ gpu, packages: [{ name: gpu, folder: `/${gpu}` }] });
const [cuda, vulkan] = [variant('cuda'), variant('vulkan')];
const usable: TriedVariant = { devices: ['NVIDIA L4'] };

/** Tries both, which answer as given. */
async function choose(answers: Record<EngineVariant['gpu'], TriedVariant>) {
  const tried: string[] = [];
  const found = await firstUsable([cuda, vulkan], async ({ gpu }) => {
    tried.push(gpu);
    return answers[gpu];
  });
  return { ...found, tried };
}

it('takes the first variant that finds a device, and tries no other', async () => {
  expect(await choose({ cuda: usable, vulkan: usable })).toEqual({ chosen: cuda, refused: [], tried: ['cuda'] });
});

it('goes on to the next one, and keeps the reason', async () => {
  const problem = 'libcudart.so.13: cannot open shared object file';
  const refused = [`cuda: ${problem}`];
  const tried = ['cuda', 'vulkan'];
  expect(await choose({ cuda: { problem }, vulkan: usable })).toEqual({ chosen: vulkan, refused, tried });
});

it('chooses none where none finds a device', async () => {
  const problem = 'it finds no device';
  expect(await choose({ cuda: { problem }, vulkan: { problem } })).toMatchObject({
    chosen: undefined,
    refused: [`cuda: ${problem}`, `vulkan: ${problem}`],
  });
});
