import type { EstimateQuestion, estimate } from '../../../shared/contract/estimate.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { chooseParallel } from '../../../shared/estimate/choose-parallel.ts';
import type { Device } from '../../../shared/estimate/device.ts';
import { kvTypes } from '../../../shared/estimate/kv-cache.ts';
import type { ModelSize } from '../../../shared/estimate/model-size.ts';
import { type Engine, quantizations } from '../../../shared/estimate/quantization.ts';
import { estimateWithWay } from '../../../shared/estimate/way-to-fit.ts';
import { sizingFor } from '../../../shared/sizing.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { gitlabMinimumOf } from '../catalog/gitlab-minimum.ts';
import { sizeOf } from '../catalog/list-models.ts';
import { loadModelCatalog } from '../catalog/load-model-catalog.ts';
import { sizingRules } from '../catalog/sizing-rules.ts';
import { collectMachine } from '../hardware/collect-machine.ts';
import { loadHardwareCatalog } from '../hardware/load-hardware-catalog.ts';
import type { CorePorts } from '../ports.ts';
import { readConfigSize } from '../weights/config-size.ts';
import { judgedConfig, servedGgufAt } from '../weights/folder/model-at-path.ts';
import { readGgufSize } from '../weights/gguf-size.ts';
import { engineDevices } from './engine-devices.ts';

/** Implements the contract's area `estimate`. */
export function estimateHandlers(ports: CorePorts): AreaHandlers<typeof estimate> {
  return {
    memory: async ({ model, configPath, ggufPath, devices, users, hasRocmImage, ...asked }) => {
      const size = await sizeFrom(ports, { model, configPath, ggufPath });
      const hardware = await loadHardwareCatalog(ports.resources);
      const sizing = users === undefined ? undefined : sizingFor(users, sizingRules(hardware));
      const question = { ...asked, ...(sizing && { concurrency: sizing.concurrency }) };
      checkQuestion(size, question);
      const { devices: places, notes } = Array.isArray(devices)
        ? { devices, notes: [] }
        : await placesHere(ports, question.engine, { inMemory: devices === 'memory', hasRocmImage });
      checkParallel(size, question, places);
      const isOpen = question.engine === 'vllm' && question.tensorParallel === undefined;
      const spread = isOpen ? chooseParallel(size, question, places) : undefined;
      const estimate = estimateWithWay(
        size,
        spread ? { ...question, tensorParallel: spread.tensorParallel } : question,
        spread?.devices ?? places,
      );
      return {
        ...estimate,
        notes: [...(spread?.why ?? []), ...notes, ...estimate.notes],
        ...(model !== undefined && { gitlabMinimum: gitlabMinimumOf(model, hardware) }),
        ...(sizing && { sizing }),
      };
    },
  };
}

type Source = Record<'model' | 'configPath' | 'ggufPath', string | undefined>;

async function sizeFrom(ports: CorePorts, { model, configPath, ggufPath }: Source): Promise<ModelSize> {
  const given = [model, configPath, ggufPath].filter((one) => one !== undefined);
  if (given.length !== 1) throw appError('estimate.source', { given: given.length });
  if (configPath !== undefined) return readConfigSize(await judgedConfig(configPath), ports.resources);
  if (ggufPath !== undefined) return readGgufSize(await servedGgufAt(ggufPath));
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

/** Returns at most eight ids that share a part of the given one. */
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
  if (engine === 'vllm' && devices.some((one) => one.kind === 'memory'))
    throw appError('estimate.no-gpu', { leftOut: [] });
  if (tensorParallel === undefined) return;
  const { heads } = size.architecture;
  const divides = devices.length % tensorParallel === 0 && (heads === undefined || heads % tensorParallel === 0);
  if (engine === 'vllm' && divides) return;
  throw appError('estimate.tensor-parallel', { tensorParallel, devices: devices.length, heads: heads ?? null });
}

async function placesHere(ports: CorePorts, engine: Engine, asked: Parameters<typeof engineDevices>[2]) {
  const machine = await collectMachine(ports.paths.store, await loadHardwareCatalog(ports.resources), ports.hasWindow);
  const places = engineDevices(machine, engine, asked);
  if (engine === 'vllm' && places.devices.length === 0) throw appError('estimate.no-gpu', { leftOut: places.notes });
  return places;
}
