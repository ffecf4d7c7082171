import { join } from 'node:path';
import type { z } from 'zod';
import { bytesText } from '../../../../shared/bytes-text.ts';
import type { MemoryFigures, ModelServing } from '../../../../shared/contract/model-serving.ts';
import { deployed } from '../../../../shared/contract/site.ts';
import { type FoundGpus, noGpus } from '../../../../shared/estimate/vllm-gpus.ts';
import { type ModelSite, modelPart } from '../../../../shared/model-sites.ts';
import { pauses } from '../../processes/pauses.ts';
import { vllmFigures } from '../../serving/containers/vllm-log.ts';
import type { ServiceState } from '../../serving/parts/parts.ts';
import { readEvidence } from '../../sites/read-evidence.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import type { ModelWeights } from '../../store/find-model.ts';
import { startLines } from '../containers/container-logs.ts';
import type { ContainerPlan } from '../containers/plan-containers.ts';
import { liveState, serviceFacts } from '../service/service-facts.ts';
import { estimateLlamacpp, estimateVllm } from './estimate-serving.ts';

type Measured = ServiceState['parts'][number]['measured'];

type Deployed = z.infer<typeof deployed>;
interface Surroundings {
  containers: ContainerPlan | null;
  gpus: FoundGpus | undefined;
}

/** Returns what a deployment records of the models that it serves, and of their memory. */
export async function servedModels(
  paths: SitePaths,
  models: readonly ModelWeights[],
  about: Surroundings,
): Promise<Pick<Deployed, 'model' | 'serving' | 'models'>> {
  const measured = await firstMeasured(
    paths,
    models.flatMap(({ site }) => (site.model.engine === 'llamacpp' ? [modelPart(site)] : [])),
  );
  const served = await Promise.all(
    models.map(async ({ site, weights }) => {
      const serving = await servingOf(site, { weights, ...about, measured: measured.get(modelPart(site)) });
      return { site, stored: weights, ...(serving && { serving }) };
    }),
  );
  const [only] = served;
  if (only && only.site.part === undefined)
    return { model: only.stored, ...(only.serving && { serving: only.serving }) };
  return {
    model: null,
    models: served.map(({ site, ...one }) => ({
      part: modelPart(site),
      servedName: site.model.servedName,
      features: site.features,
      ...one,
    })),
  };
}

/** Returns what a model server needs in memory; undefined for engines whose memory is not estimated. */
async function servingOf(
  site: ModelSite,
  about: Surroundings & {
    weights: ModelWeights['weights'];
    /** The embedded engine's last figures. */
    measured: Measured | undefined;
  },
): Promise<ModelServing | undefined> {
  const { weights, containers, gpus = noGpus, measured } = about;
  const { engine, contextTokens, slots = 1 } = site.model;
  if (!weights) return undefined;
  if (engine === 'llamacpp') {
    const estimate = await estimateLlamacpp(weights.path, contextTokens, slots);
    return { engine, contextTokens, estimate, ...llamacppMeasured(measured) };
  }
  const spread = containers?.vllm[modelPart(site)];
  if (engine !== 'vllm' || !containers || !spread) return undefined;
  const { parallel } = spread;
  const lines = await startLines(containers.engine, containers.mark, modelPart(site));
  const figures = vllmFigures(lines, parallel.tensorParallel * parallel.pipelineParallel);
  return {
    engine,
    contextTokens,
    parallel,
    estimate: estimateVllm(site, { ...spread, gpus }),
    measured: Object.keys(figures).length > 0 ? figures : null,
    measuredBy: "vLLM's log at its start",
  };
}

/** Returns the recorded memory of each model server of a site, by its part; empty before a deployment. */
export async function recordedServing(paths: SitePaths): Promise<Map<string, ModelServing>> {
  const kept = await readEvidence(join(paths.evidence, 'deploy.json'), deployed).catch(() => null);
  const all = [{ part: 'model', serving: kept?.serving }, ...(kept?.models ?? [])];
  return new Map(all.flatMap(({ part, serving }) => (serving ? [[part, serving] as const] : [])));
}

/** Returns the recorded memory of a model server with the current figures of the embedded engine. */
export function servingNow(serving: ModelServing, measured: Measured | undefined): ModelServing {
  if (serving.engine === 'vllm') return serving;
  const now = llamacppMeasured(measured);
  return now.measured ? { ...serving, ...now } : serving;
}

/** The service asks a part when it runs, then every 2 s. */
const measureMs = 6000;
const longestPauseMs = 100;

/** What the embedded engines say of themselves, the sizes of their buffers included, by part; what was not said in time is missing. */
async function firstMeasured(paths: SitePaths, names: readonly string[]): Promise<Map<string, Measured>> {
  const deadline = performance.now() + measureMs;
  const pause = pauses(longestPauseMs);
  for (;;) {
    const running = names.length > 0 ? liveState(await serviceFacts(paths))?.parts : [];
    const parts = (running ?? []).filter((one) => names.includes(one.name));
    const isComplete = parts.length === names.length && parts.every((one) => one.measured.weightsBytes !== undefined);
    if (isComplete || performance.now() > deadline) return new Map(parts.map((one) => [one.name, one.measured]));
    await pause();
  }
}

/** Says what the model runs on, where that is not simply the CPU. */
function deviceText({ device, gpuLayers, deviceBytes, driverBytes, notUsed }: Measured): string {
  const why = typeof notUsed === 'string' ? `; not used: ${notUsed}` : '';
  if (typeof deviceBytes !== 'number') return why === '' ? '' : `. It runs on the CPU${why}`;
  const seen = typeof driverBytes === 'number' ? ` (${bytesText(driverBytes)} according to the driver)` : '';
  return `. It runs on ${device}: ${gpuLayers} layers, ${bytesText(deviceBytes)} of device memory${seen}${why}`;
}

function llamacppMeasured(measured: Measured = {}): Pick<ModelServing, 'measured' | 'measuredBy'> {
  const names = ['weightsBytes', 'kvCacheBytes', 'computeBytes'] as const;
  const figures: MemoryFigures = {};
  for (const name of names) {
    const value = measured[name];
    if (typeof value === 'number') figures[name] = value;
  }
  if (Object.keys(figures).length === 0) return { measured: null, measuredBy: 'the log of llama.cpp' };
  const total = measured.residentBytes;
  return {
    measured: { ...figures, ...(typeof total === 'number' && { totalBytes: total }) },
    measuredBy: `the log of llama.cpp; in all, what its process holds${deviceText(measured)}`,
  };
}
