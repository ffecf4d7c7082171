import type { EstimateQuestion, estimate } from '../../../shared/contract/estimate.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Device } from '../../../shared/estimate/device.ts';
import { kvTypes } from '../../../shared/estimate/kv-cache.ts';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';
import { gpusOf, memoryOf } from '../../../shared/estimate/plan-model.ts';
import { quantizations } from '../../../shared/estimate/quantization.ts';
import { estimateWithWay } from '../../../shared/estimate/way-to-fit.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { sizeOf } from '../catalog/list-models.ts';
import { loadModelCatalog } from '../catalog/load-catalog.ts';
import { collectMachine } from '../hardware/collect-machine.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { readConfigSize } from './config-size.ts';
import { readGgufSize } from './gguf-size.ts';

/** Implements the contract's area `estimate`. */
export function estimateHandlers(ports: CorePorts): AreaHandlers<typeof estimate> {
  return {
    memory: async ({ model, configPath, ggufPath, devices, ...question }) => {
      const size = await sizeFrom(ports, { model, configPath, ggufPath });
      checkQuestion(size, question);
      const places = Array.isArray(devices) ? devices : await devicesHere(ports, question.engine, devices === 'memory');
      checkParallel(size, question, places);
      return estimateWithWay(size, question, places);
    },
  };
}

type Source = Record<'model' | 'configPath' | 'ggufPath', string | undefined>;

async function sizeFrom(ports: CorePorts, { model, configPath, ggufPath }: Source): Promise<ModelSize> {
  const given = [model, configPath, ggufPath].filter((one) => one !== undefined);
  if (given.length !== 1) throw appError('estimate.source', { given: given.length });
  if (configPath !== undefined) return readConfigSize(configPath);
  if (ggufPath !== undefined) return readGgufSize(ggufPath);
  const catalog = await loadModelCatalog(ports.resources);
  const found = catalog.models.find((one) => one.id === model);
  const own = catalog.models.filter((one) => one.hosting === 'self-hosted');
  if (!found)
    throw appError('estimate.model-unknown', {
      model: model ?? '',
      near: nearest(
        model ?? '',
        own.map((one) => one.id),
      ),
    });
  if (found.hosting === 'cloud') throw appError('estimate.model-in-cloud', { model: found.id });
  return sizeOf(found);
}

/** Ids that share a part of the given one, at most eight. */
function nearest(given: string, ids: readonly string[]): string[] {
  const words = given
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((one) => one.length > 1);
  const scored = ids.map((id) => ({ id, score: words.filter((word) => id.includes(word)).length }));
  const sorted = scored.sort((a, b) => b.score - a.score);
  return sorted.slice(0, 8).map((one) => one.id);
}

function checkQuestion(
  size: ModelSize,
  { engine, contextTokens, kvType, quantization, ...rest }: EstimateQuestion,
): void {
  const refuse = (field: string, value: string | number, known: readonly (string | number)[]) =>
    appError('estimate.not-for-engine', { field, value, engine, known: known.map(String) });
  if (kvType && !kvTypes[engine].includes(kvType)) throw refuse('--kv-type', kvType, kvTypes[engine]);
  if (quantization && !quantizations[engine].includes(quantization))
    throw refuse('--quantization', quantization, quantizations[engine]);
  if (engine === 'llamacpp' && rest.gpuMemoryUtilization !== undefined)
    throw refuse('--gpu-memory-utilization', rest.gpuMemoryUtilization, []);
  const longest = size.architecture.contextTokens;
  if (longest !== undefined && contextTokens > longest)
    throw appError('estimate.context-too-long', { model: size.name, contextTokens, longest });
}

function checkParallel(
  size: ModelSize,
  { engine, tensorParallel }: EstimateQuestion,
  devices: readonly Device[],
): void {
  if (engine === 'vllm' && devices.some((one) => one.kind === 'memory')) throw appError('estimate.no-gpu', {});
  if (tensorParallel === undefined) return;
  const { heads } = size.architecture;
  const divides = devices.length % tensorParallel === 0 && (heads === undefined || heads % tensorParallel === 0);
  if (engine === 'vllm' && divides) return;
  throw appError('estimate.tensor-parallel', { tensorParallel, devices: devices.length, heads: heads ?? null });
}

async function devicesHere(ports: CorePorts, engine: string, inMemory: boolean): Promise<Device[]> {
  const machine = await collectMachine(homePaths(ports.home).store);
  const gpus = inMemory ? [] : gpusOf(machine);
  if (gpus.length > 0) return gpus;
  if (engine === 'vllm') throw appError('estimate.no-gpu', {});
  return memoryOf(machine);
}
