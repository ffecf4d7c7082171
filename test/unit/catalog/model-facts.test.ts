import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sizeOf } from '../../../src/main/core/catalog/list-models.ts';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-model-catalog.ts';
import type { CatalogModel, ModelCatalog } from '../../../src/main/core/catalog/model-catalog.ts';
import { isComplete } from '../../../src/shared/estimate/architecture.ts';
import { type Device, parseGpus } from '../../../src/shared/estimate/device.ts';
import { estimateMemory } from '../../../src/shared/estimate/estimate-memory.ts';

interface ListedSize {
  repo: string;
  bytes: number;
  isOwn?: boolean;
}

const sizes: ListedSize[] = parse(readFileSync('test/fixtures/tensor-sizes.yaml', 'utf8'));
let catalog: ModelCatalog;
beforeAll(async () => {
  catalog = await loadModelCatalog(resolve('resources'));
});
const modelOf = (repo: string) => catalog.models.find((one) => one.hfRepo === repo);

/** Parameters of a plain or mixed transformer with gated feed-forward; undefined when a number is missing or the kind is another. */
function parametersOf({ architecture: shape, id }: CatalogModel): number | undefined {
  const { layers, heads, kvHeads, headDim, embedding, feedForward, vocabulary, experts = 1, source } = shape ?? {};
  if (!layers || !heads || !kvHeads || !headDim || !embedding || !feedForward || !vocabulary) return undefined;
  if (shape?.kvLoraRank || shape?.kvLayers || shape?.globalHeadDim || !source) return undefined;
  const router = experts > 1 ? embedding * experts : 0;
  const layer = 2 * embedding * headDim * (heads + kvHeads) + 3 * embedding * feedForward * experts + router;
  const tables = /^codegemma/.test(id) ? 1 : 2;
  return layers * (layer + 2 * embedding) + tables * vocabulary * embedding + embedding;
}

describe('weights of the catalogue', () => {
  it.each(sizes)('are within 5 % of what is listed for $repo', ({ repo, bytes, isOwn = true }) => {
    const weights = modelOf(repo)?.weights;
    expect(weights).toBeDefined();
    expect(Math.abs((weights?.bytes ?? 0) / bytes - 1)).toBeLessThan(0.05);
    expect([repo, weights?.basis === 'listed']).toEqual([repo, isOwn]);
  });

  it('are called listed only where a listing was found', () => {
    const listed = catalog.models.filter((one) => one.weights?.basis === 'listed').map((one) => one.hfRepo);
    expect(listed.sort()).toEqual(sizes.flatMap((one) => (one.isOwn === false ? [] : [one.repo])).sort());
  });

  it('agree with the parameters and their format', () => {
    const bytesPerParameter = { bf16: [2, 2.06], fp8: [1, 1.1], mxfp4: [0.5, 0.7], int4: [0.5, 0.65] } as const;
    for (const { id, weights, parameters } of catalog.models) {
      if (!weights || !parameters) continue;
      const [low, high] = bytesPerParameter[weights.precision];
      const ratio = weights.bytes / parameters.count;
      expect([id, ratio >= low * 0.98 && ratio <= high]).toEqual([id, true]);
    }
  });
});

describe('configurations of the catalogue', () => {
  it('add up to the parameters, where the kind is known and all numbers are', () => {
    const counted = catalog.models.flatMap((one) => {
      const count = parametersOf(one);
      return count === undefined ? [] : [{ id: one.id, ratio: count / (one.parameters?.count ?? 0) }];
    });
    expect(counted.length).toBeGreaterThan(20);
    for (const { id, ratio } of counted) expect([id, Math.abs(ratio - 1) < 0.025]).toEqual([id, true]);
  });

  it('never have more active parameters than parameters, and state ranks and experts together', () => {
    for (const { id, architecture: shape, parameters } of catalog.models) {
      expect([id, (shape?.activeExperts ?? 0) <= (shape?.experts ?? 0)]).toEqual([id, true]);
      expect([id, (parameters?.active ?? 0) <= (parameters?.count ?? 0)]).toEqual([id, true]);
      expect([id, shape?.kvLoraRank === undefined]).toEqual([id, shape?.ropeHeadDim === undefined]);
      expect([id, (shape?.slidingLayers ?? 0) <= (shape?.layers ?? 0)]).toEqual([id, true]);
    }
  });

  it('go to the estimate whole, or say what is missing', () => {
    const unknown = catalog.models.filter(
      (one) => one.hosting === 'self-hosted' && !isComplete(sizeOf(one).architecture),
    );
    const rule =
      'models without all numbers of their architecture: add one here only if its publisher does not state them';
    expect(unknown.map((one) => one.id).sort(), rule).toEqual(['any-openai-compatible', 'glm-5.1-fp8']);
    expect(sizeOf(catalog.models.find((one) => one.id === 'kimi-k2.5') as CatalogModel).architecture.latentDim).toBe(
      576,
    );
  });
});

describe('estimates of the catalogue', () => {
  const of = (id: string) => sizeOf(catalog.models.find((one) => one.id === id) as CatalogModel);
  const ask = { contextTokens: 32_768, concurrency: 1 };
  const gpus = parseGpus('141GiB*8') ?? [];
  const memory: Device[] = [{ name: 'memory', kind: 'memory', capacityBytes: 2 ** 40, freeBytes: 2 ** 40 }];

  it.each(['kimi-k2.5', 'kimi-k2.6'])(
    'know %s for both engines: its own 595 GB, and Q4_K_M by its parameters',
    (id) => {
      const own = estimateMemory(of(id), { ...ask, engine: 'vllm', tensorParallel: 8 }, gpus);
      expect(own).toMatchObject({ verdict: 'fits', quantization: 'int4', weightsBytes: 595e9, missing: [] });
      const converted = estimateMemory(of(id), { ...ask, engine: 'llamacpp' }, memory);
      expect(converted).toMatchObject({ quantization: 'q4_k_m', weightsBytes: 1e12 * (4.8944 / 8), missing: [] });
    },
  );

  it('name the one unknown number of GLM, and no known one', () => {
    const { missing } = estimateMemory(of('glm-5.1-fp8'), { ...ask, engine: 'vllm' }, gpus);
    expect(missing).toEqual(['memory of the index next to keys and values']);
  });

  it('add nothing for a vision part that the listed weights include', () => {
    const gemma = estimateMemory(of('gemma-4-31b-it'), { ...ask, engine: 'vllm' }, parseGpus('80GiB*2') ?? []);
    expect(gemma).toMatchObject({ verdict: 'fits', weightsBytes: 62.6e9 });
    expect(gemma).not.toHaveProperty('visionBytes');
  });

  it('take listed weights as listed, round numbers as published, formulae as counted', () => {
    const origins = { listed: 'listed', published: 'published', derived: 'counted' } as const;
    for (const one of catalog.models)
      if (one.weights) expect([one.id, sizeOf(one).weights?.origin]).toEqual([one.id, origins[one.weights.basis]]);
  });
});

describe('what serving needs', () => {
  it('has licence and source for each model with weights of its own', () => {
    for (const { id, hosting, hfRepo, licence } of catalog.models)
      if (hosting === 'self-hosted' && hfRepo)
        expect([id, licence?.source], `${id} needs a licence with its source in models.yaml`).toEqual([
          id,
          expect.any(String),
        ]);
  });

  it('names only tool-call parsers that vllm.yaml knows', () => {
    const known = parse(readFileSync('resources/catalog/vllm.yaml', 'utf8')).toolCallParsers;
    const names = new Set(known.map((one: { name: string }) => one.name));
    for (const { id, vllm } of catalog.models)
      for (const flag of vllm?.flags ?? []) {
        const parser = /^--tool-call-parser (.+)$/.exec(flag)?.[1];
        if (parser !== undefined) expect([id, parser, names.has(parser)]).toEqual([id, parser, true]);
      }
  });
});
