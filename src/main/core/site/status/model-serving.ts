import { join } from 'node:path';
import type { MemoryFigures, ModelServing } from '../../../../shared/contract/model-serving.ts';
import { deployed } from '../../../../shared/contract/site.ts';
import { type FoundGpus, noGpus } from '../../../../shared/estimate/vllm-gpus.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { pauses } from '../../processes/pauses.ts';
import { vllmFigures } from '../../serving/containers/vllm-log.ts';
import type { ServiceState } from '../../serving/parts/parts.ts';
import { readEvidence } from '../../sites/read-evidence.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import type { StoredModel } from '../../store/find-model.ts';
import { startLines } from '../containers/container-logs.ts';
import type { ContainerPlan } from '../containers/plan-containers.ts';
import { liveState, serviceFacts } from '../service/service-facts.ts';
import { estimateLlamacpp, estimateVllm } from './estimate-serving.ts';

type Measured = ServiceState['parts'][number]['measured'];

/** Returns what a deployment records of its model server's memory; undefined for engines whose memory is not estimated. */
export async function servingOf(
  site: SiteFile,
  about: {
    weights: StoredModel | null;
    containers: ContainerPlan | null;
    gpus: FoundGpus | undefined;
    /** The embedded engine's last figures. */
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
    estimate: estimateVllm(site, { size: containers.modelSize, parallel, gpus, isRocmImage }),
    measured: Object.keys(figures).length > 0 ? figures : null,
    measuredBy: "vLLM's log at its start",
  };
}

/**
 * Returns the recorded memory of a site's model server with the embedded engine's current figures; undefined before a deployment.
 */
export async function servingNow(paths: SitePaths, measured: Measured | undefined): Promise<ModelServing | undefined> {
  const kept = await readEvidence(join(paths.evidence, 'deploy.json'), deployed).catch(() => null);
  const serving = kept?.serving;
  if (!serving || serving.engine === 'vllm') return serving;
  const now = llamacppMeasured(measured);
  return now.measured ? { ...serving, ...now } : serving;
}

/** The service asks a part when it runs, then every 2 s. */
const measureMs = 6000;
const longestPauseMs = 100;

/** What the embedded engine says of itself, the sizes of its buffers included; undefined when it has not said so in time. */
export async function firstMeasured(paths: SitePaths): Promise<Measured | undefined> {
  const deadline = performance.now() + measureMs;
  const pause = pauses(longestPauseMs);
  for (;;) {
    const part = liveState(await serviceFacts(paths))?.parts.find((one) => one.kind === 'llamacpp');
    if (part?.measured.weightsBytes !== undefined) return part.measured;
    if (performance.now() > deadline) return part?.measured;
    await pause();
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
