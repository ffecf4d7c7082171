import { describe, expect, it } from 'vitest';
import { vllmFigures } from '../../../src/main/core/serving/containers/vllm-log.ts';
import { llamaBuffers } from '../../../src/main/core/serving/llamacpp/llama-log.ts';

const mib = 2 ** 20;
const gib = 2 ** 30;

describe('the log of vLLM', () => {
  it.each([
    // vLLM documentation, Parallelism and Scaling.
    [
      'two lines',
      [
        'INFO 07-23 13:56:04 [kv_cache_utils.py:775] GPU KV cache size: 643,232 tokens',
        'INFO 07-23 13:56:04 [kv_cache_utils.py:779] Maximum concurrency for 40,960 tokens per request: 15.70x',
      ],
      { kvCapacityTokens: 643_232, maxConcurrency: 15.7 },
    ],
    // vllm-project/vllm issue 54662: both in one line.
    [
      'one line',
      ['INFO GPU KV cache size: 1,687,476 tokens, Maximum concurrency for 500,000 tokens per request: 3.37x'],
      { kvCapacityTokens: 1_687_476, maxConcurrency: 3.37 },
    ],
    // vllm-project/vllm pull request 12569: before GPU blocks were told as tokens.
    [
      'an early version',
      [
        'INFO 01-30 03:18:12 gpu_model_runner.py:848] Loading model weights took 67.7229 GB',
        'INFO 01-30 03:19:14 kv_cache_utils.py:395] # GPU blocks: 1381',
        'INFO 01-30 03:19:14 kv_cache_utils.py:398] Maximum concurrency for 2048 tokens per request: 10.79x',
      ],
      { weightsBytes: Math.round(67.7229 * gib), maxConcurrency: 10.79 },
    ],
    ['nothing of it', ['INFO: Application startup complete.', ''], {}],
    ['a size that is none', ['GPU KV cache size: ,,, tokens', 'Available KV cache memory: -1.2 GiB'], {}],
  ])('is read: %s', (_name, lines, figures) => {
    expect(vllmFigures(lines, 1)).toEqual(figures);
  });

  it('reports per GPU: two with 11.62 GiB weights and 8.77 GiB for keys count twice', () => {
    const lines = [
      '(Worker_TP0 pid=1) INFO [gpu_model_runner.py:3338] Model loading took 11.62 GiB memory and 25.1 seconds',
      '(Worker_TP1 pid=2) INFO [gpu_model_runner.py:3338] Model loading took 11.62 GiB memory and 25.3 seconds',
      '(Worker_TP0 pid=1) INFO [gpu_worker.py:298] Available KV cache memory: 8.77 GiB',
    ];
    const { weightsBytes, kvCacheBytes } = vllmFigures(lines, 2);
    expect([weightsBytes, kvCacheBytes]).toEqual([Math.round(2 * 11.62 * gib), Math.round(2 * 8.77 * gib)]);
  });

  it('is read from its last start', () => {
    const lines = ['GPU KV cache size: 100 tokens', 'GPU KV cache size: 200 tokens'];
    expect(vllmFigures(lines, 1)).toEqual({ kvCapacityTokens: 200 });
  });
});

describe('the log of llama.cpp', () => {
  // Written by llama.cpp of node-llama-cpp 3.22.1 when it loaded a model with a window in some layers.
  const lines = [
    'load_tensors:          AMX model buffer size =     5.75 MiB',
    'load_tensors:   CPU_Mapped model buffer size =     4.99 MiB',
    'llama_context:        CPU  output buffer size =     0.01 MiB',
    'llama_kv_cache:        CPU KV buffer size =    16.00 MiB',
    'llama_kv_cache:        CPU KV buffer size =    12.00 MiB',
    'llama_kv_cache: size =   16.00 MiB (  4096 cells,   4 layers,  2/2 seqs), K (f16):    8.00 MiB, V (f16):    8.00 MiB',
    'sched_reserve:        CPU compute buffer size =     9.50 MiB',
    'sched_reserve:        CPU compute buffer size =     9.00 MiB',
    '~llama_context:        CPU compute buffer size is   9.0137 MiB, matches expectation of   9.0137 MiB',
  ];

  it('yields all weights and caches, and the last compute buffer', () => {
    expect(llamaBuffers(lines)).toEqual({
      weightsBytes: Math.round(10.74 * mib),
      kvCacheBytes: 28 * mib,
      computeBytes: 9 * mib + Math.round(0.01 * mib),
    });
  });

  it('yields nothing without known lines', () => expect(llamaBuffers(['main: loading model'])).toEqual({}));
});
