import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemoryFigures, ModelServing } from '../../../shared/contract/model-serving.ts';
import { deployed } from '../../../shared/contract/site.ts';
import { type FoundGpus, noGpus } from '../../../shared/estimate/vllm-gpus.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { ServiceState } from '../serving/parts.ts';
import { vllmFigures } from '../serving/vllm-log.ts';
import { startLines } from './containers/container-logs.ts';
import type { ContainerPlan } from './containers/plan-containers.ts';
import { estimateLlamacpp, estimateVllm } from './estimate-serving.ts';
import type { StoredModel } from './find-model.ts';
import { readEvidence } from './read-evidence.ts';
import { liveState, serviceFacts } from './service-facts.ts';
import type { SitePaths } from './site-paths.ts';

type Measured = ServiceState['parts'][number]['measured'];

/** What a deployment writes down of its model server's memory; undefined for engines whose memory is not reckoned. */
export async function servingOf(
  site: SiteFile,
  about: {
    weights: StoredModel | null;
    containers: ContainerPlan | null;
    gpus: FoundGpus | undefined;
    /** What the embedded engine said last. */
    measured: Measured | undefined;
  },
): Promise<ModelServing | undefined> {
  const { weights, containers, gpus = noGpus, measured } = about;
  const { engine, contextTokens } = site.model;
  if (!weights) return undefined;
  if (engine === 'llamacpp') {
    const estimate = await estimateLlamacpp(weights.path, contextTokens);
    return { engine, contextTokens, estimate, ...llamacppMeasured(measured) };
  }
  const parallel = containers?.parallel;
  if (engine !== 'vllm' || !containers || !parallel) return undefined;
  const isRocmImage = containers.images.some((one) => one.isRocm);
  const lines = await startLines(containers.engine, containers.mark, 'model');
  const figures = vllmFigures(lines, parallel.tensorParallel * parallel.pipelineParallel);
  return {
    engine,
    contextTokens,
    parallel,
    estimate: await estimateVllm(site, { weights, parallel, gpus, isRocmImage }),
    measured: Object.keys(figures).length > 0 ? figures : null,
    measuredBy: "vLLM's log at its start",
  };
}

/** What was written down of a site's model server, with what the embedded engine says now; undefined before a deployment. */
export async function servingNow(paths: SitePaths, measured: Measured | undefined): Promise<ModelServing | undefined> {
  const kept = await readEvidence(join(paths.evidence, 'deploy.json'), deployed).catch(() => null);
  const serving = kept?.serving;
  if (!serving || serving.engine === 'vllm') return serving;
  const now = llamacppMeasured(measured);
  return now.measured ? { ...serving, ...now } : serving;
}

/* The service asks its parts each 2 s. */
const measureMs = 6000;

/** What the embedded engine says of itself, as soon as its service has asked it; undefined when it has not in time. */
export async function firstMeasured(paths: SitePaths): Promise<Measured | undefined> {
  const deadline = performance.now() + measureMs;
  for (;;) {
    const part = liveState(await serviceFacts(paths))?.parts.find((one) => one.kind === 'llamacpp');
    if (part && Object.keys(part.measured).length > 0) return part.measured;
    if (performance.now() > deadline) return undefined;
    await sleep(100);
  }
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
    measuredBy: 'the log of llama.cpp; in all, what its process holds',
  };
}
