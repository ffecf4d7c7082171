import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { RequestLog } from '../../../src/main/core/serving/front/request-log.ts';
import { measuredTexts } from '../../../src/shared/measured-words.ts';

describe('a measured figure in words', () => {
  it.each<[string, string | number | boolean, string]>([
    ['residentBytes', 101_523_456, '96.8 MiB of memory resident'],
    ['inFlight', 1, '1 request in progress'],
    ['gpuLayers', 0, '0 layers on the device'],
    ['tokensPerSecond', 1412.83, '1,413 tokens per second in the last answer'],
    ['tokensPerSecond', 3.5, '3.5 tokens per second in the last answer'],
    ['contextTokens', 32_768, 'context of 32,768 tokens'],
    ['device', 'cpu', 'on cpu'],
    ['image', 'registry.example/vllm:1', 'registry.example/vllm:1'],
    ['constructor', 7, 'constructor 7'],
    ['newFigureOfALaterVersion', 7, 'newFigureOfALaterVersion 7'],
  ])('%s %s', (name, value, words) => expect(measuredTexts({ [name]: value })).toEqual([words]));

  it('is left out where it is 0, as it should be', () => {
    expect(measuredTexts({ requests: 0, errors: 0, waiting: 0, failed: 1 })).toEqual(['0 requests so far', '1 failed']);
  });

  it('exists for every figure that a front measures', () => {
    const measured = new RequestLog(fastify(), () => undefined).measure();
    for (const name of Object.keys(measured)) expect(measuredTexts({ [name]: 1 })).not.toEqual([`${name} 1`]);
  });
});
