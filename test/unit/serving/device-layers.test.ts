import { describe, expect, it } from 'vitest';
import { layersThatFit } from '../../../src/main/core/serving/llamacpp/device-layers.ts';

/** Each layer takes 10, and one on the device at all takes 5 more. */
const needOf = async (layers: number) => (layers === 0 ? 0 : 5 + layers * 10);

describe('the layers on a device', () => {
  it.each([
    [1000, 33],
    [335, 33],
    [334, 32],
    [100, 9],
    [15, 1],
    [14, 0],
    [0, 0],
    [-1, 0],
  ])('with %d bytes free: %d of 33', async (freeBytes, layers) => {
    expect(await layersThatFit(33, freeBytes, needOf)).toBe(layers);
  });

  it('are asked for once where the whole model fits', async () => {
    const asked: number[] = [];
    const layers = await layersThatFit(80, 1000, async (some) => {
      asked.push(some);
      return some;
    });
    expect([layers, asked]).toEqual([80, [80]]);
  });
});
