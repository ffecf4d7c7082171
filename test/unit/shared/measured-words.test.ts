import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { RequestLog } from '../../../src/main/core/serving/front/request-log.ts';
import { measuredText } from '../../../src/shared/measured-words.ts';

describe('a measured figure in words', () => {
  it.each<[string, string | number | boolean, string]>([
    ['residentBytes', 101_523_456, '96.8 MiB of memory resident'],
    ['inFlight', 0, '0 requests in progress'],
    ['inFlight', 1, '1 request in progress'],
    ['gpuLayers', 0, '0 layers on a GPU'],
    ['tokensPerSecond', 1412.83, '1,413 tokens per second in the last answer'],
    ['tokensPerSecond', 3.5, '3.5 tokens per second in the last answer'],
    ['contextTokens', 32_768, 'context of 32,768 tokens'],
    ['device', 'cpu', 'on cpu'],
    ['image', 'registry.example/vllm:1', 'registry.example/vllm:1'],
    ['constructor', 7, 'constructor 7'],
    ['newFigureOfALaterVersion', 7, 'newFigureOfALaterVersion 7'],
  ])('%s %s', (name, value, words) => expect(measuredText([name, value])).toBe(words));

  it('exists for every figure that a front measures', () => {
    for (const [name, value] of Object.entries(new RequestLog(fastify(), () => undefined).measure()))
      expect(measuredText([name, value])).not.toBe(`${name} ${value}`);
  });
});
