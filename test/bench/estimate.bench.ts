// All models of the catalogue x engines x GPUs, each as a whole plan with its limits and its way out, against the one-line rule
// "weights x 1.2" for the same: `npm run bench -- estimate --rounds 5`. Plans a second, and their ratio to that rule.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { sizeOf } from '../../src/main/core/catalog/list-models.ts';
import { loadModelCatalog } from '../../src/main/core/catalog/load-model-catalog.ts';
import { readConfigSize } from '../../src/main/core/weights/config-size.ts';
import { chooseParallel } from '../../src/shared/estimate/choose-parallel.ts';
import { type Device, parseGpus } from '../../src/shared/estimate/device.ts';
import { bareEstimate } from '../../src/shared/estimate/estimate-memory.ts';
import { type ModelSize, usualQuantization, weightsIn } from '../../src/shared/estimate/model-size.ts';
import { estimateWithWay } from '../../src/shared/estimate/way-to-fit.ts';
import { benchOptions } from './measure.ts';

const { rounds } = benchOptions(process.argv.slice(2), { sizeBytes: 0, rounds: 5 });
const gpus = ['24GiB', '24GiB*2', '40GiB', '48GiB*2', '80GiB', '80GiB*2', '80GiB*4', '80GiB*8', '141GiB*8'];
const question = { contextTokens: 8192, concurrency: 8 };

interface Work {
  size: ModelSize;
  engine: 'vllm' | 'llamacpp';
  devices: Device[];
}

const { models } = await loadModelCatalog(resolve('resources'));
const own = models.filter((one) => one.hosting === 'self-hosted').map(sizeOf);
const work: Work[] = own.flatMap((size) =>
  gpus.flatMap((text) =>
    (['vllm', 'llamacpp'] as const).map((engine) => ({ size, engine, devices: parseGpus(text) ?? [] })),
  ),
);

function plan({ size, engine, devices }: Work): boolean {
  const asked = { ...question, engine };
  const { tensorParallel, devices: taken } =
    engine === 'vllm' ? chooseParallel(size, asked, devices) : { tensorParallel: undefined, devices };
  return estimateWithWay(size, { ...asked, ...(tensorParallel && { tensorParallel }) }, taken).verdict === 'fits';
}

function oneLine({ size, engine, devices }: Work): boolean {
  const weights = weightsIn(size, usualQuantization(size, engine));
  return weights !== undefined && weights.bytes * 1.2 < devices.reduce((sum, one) => sum + one.capacityBytes, 0);
}

/** Runs it over all work for at least a tenth of a second; gives pieces of work a second. */
function rate(run: (one: Work) => boolean): number {
  const startedAt = performance.now();
  let done = 0;
  do {
    for (const one of work) run(one);
    done += work.length;
  } while (performance.now() - startedAt < 100);
  return done / ((performance.now() - startedAt) / 1000);
}

const samples = { plans: [] as number[], rule: [] as number[] };
rate(plan);
rate(oneLine);
for (let round = 0; round < rounds; round += 1) {
  samples.rule.push(rate(oneLine));
  samples.plans.push(rate(plan));
}
const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const [plans, rule] = [median(samples.plans), median(samples.rule)];
process.stdout.write(
  `Plans for ${own.length} models x 2 engines x ${gpus.length} sets of GPUs (${work.length}), median of ${rounds} rounds\n` +
    `  the rule "weights x 1.2"    ${rule.toFixed(0).padStart(9)} a second   1\n` +
    `  plans with limits and way   ${plans.toFixed(0).padStart(9)} a second   1/${(rule / plans).toFixed(0)}\n` +
    `  the whole catalogue once    ${((work.length / plans) * 1000).toFixed(0).padStart(9)} ms\n`,
);

/** One line per configuration: parameters, weights, their range, and the KV cache per token. */
async function sizeLine(name: string, path: string): Promise<string> {
  const size = await readConfigSize(path, resolve('resources'));
  const contextTokens = Math.min(8192, size.architecture.contextTokens ?? 8192);
  const estimate = bareEstimate(size, { ...question, engine: 'vllm', contextTokens }, parseGpus('141GiB*8') ?? []);
  const { low = 1, high = 1 } = size.spread ?? {};
  const gigabytes = (bytes: number | undefined) => (bytes === undefined ? 'unknown' : (bytes / 1e9).toFixed(1));
  const cells = [
    name.padEnd(24),
    `${((size.parameters ?? 0) / 1e9).toFixed(2)}e9`.padStart(10),
    `${gigabytes(size.weights?.bytes)} GB`.padStart(12),
    `${Math.round((low - 1) * 100)} to +${Math.round((high - 1) * 100)} %`.padStart(14),
    `${estimate.kvCacheBytesPerToken ?? 'unknown'} B a token`.padStart(20),
    estimate.missing.join('; '),
  ];
  return `  ${cells.join(' ')}\n`;
}

const cases = resolve('test/fixtures/cases');
const isModel = (name: string) => ['config.json', 'params.json'].some((one) => existsSync(join(cases, name, one)));
const folders = readdirSync(cases, { withFileTypes: true }).filter((one) => one.isDirectory() && isModel(one.name));
process.stdout.write('\nSizes from configurations\n');
for (const { name } of folders) process.stdout.write(await sizeLine(name, join(cases, name)));
const shapes: { name: string; config: object }[] = parse(readFileSync(join(cases, 'published-shapes.yaml'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'sealift-sizes-'));
for (const { name, config } of shapes) {
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  process.stdout.write(await sizeLine(name, join(folder, 'config.json')));
}
rmSync(folder, { recursive: true });
