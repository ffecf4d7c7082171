import { bytesText } from '../../../../shared/bytes-text.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { ModelSite } from '../../../../shared/model-sites.ts';
import { cgroupLimits } from '../../hardware/cgroup.ts';
import { collectMemory } from '../../hardware/memory.ts';
import { thisSystem } from '../../hardware/system-view.ts';
import type { ModelWeights } from '../../store/find-model.ts';
import { estimateLlamacpp } from '../status/estimate-serving.ts';

/** What one model needs of this machine's memory; null if it is unknown. */
export interface MemoryNeed {
  servedName: string;
  totalBytes: number | null;
  /** Its weights where it maps their file: several processes that map one file share its pages. */
  mapped?: { sha256: string; bytes: number };
}

const lookMs = 2000;

/**
 * Reports what the models of a list that run on the CPU need together of this machine's memory. Empty for a site file with `model`. Throws
 * `site.models-too-large`.
 */
export async function memoryFindings(models: readonly ModelWeights[]): Promise<Finding[]> {
  const needs = await Promise.all(models.filter(({ site }) => site.part !== undefined && isOnCpu(site)).map(needOf));
  if (needs.length === 0) return [];
  return judgeMemory(needs, await machineMemory());
}

/** Returns this machine's memory in bytes, or what this process may have of it. */
export async function machineMemory(): Promise<number> {
  const view = thisSystem(lookMs);
  const { facts } = await collectMemory(view, await cgroupLimits(view));
  return facts.limitBytes ?? facts.totalBytes;
}

function isOnCpu({ model }: ModelSite): boolean {
  return model.engine === 'llamacpp' || model.gpu === 'none';
}

async function needOf({ site: { model }, weights }: ModelWeights): Promise<MemoryNeed> {
  const { engine, servedName, contextTokens, slots = 1 } = model;
  // What vLLM needs without a GPU is not known here.
  const estimate = engine === 'vllm' || !weights ? null : await estimateLlamacpp(weights.path, contextTokens, slots);
  const bytes = estimate?.weightsBytes;
  return {
    servedName,
    totalBytes: estimate?.totalBytes ?? null,
    // Ollama maps a copy of its own.
    ...(engine === 'llamacpp' && weights && bytes !== undefined && { mapped: { sha256: weights.sha256, bytes } }),
  };
}

/**
 * Compares the sum of what models need with the memory of a machine. Throws `site.models-too-large` when the known needs exceed it even if weights
 * that several of them map are held once: llama.cpp holds those apart that it rearranges for this processor.
 */
export function judgeMemory(needs: readonly MemoryNeed[], machineBytes: number): Finding[] {
  const mostBytes = needs.reduce((sum, one) => sum + (one.totalBytes ?? 0), 0);
  const leastBytes = mostBytes - sharedBytes(needs);
  const parts = needs.map(({ servedName, totalBytes }) => {
    return `${servedName} ${totalBytes === null ? 'unknown' : bytesText(totalBytes)}`;
  });
  if (leastBytes > machineBytes) throw appError('site.models-too-large', { parts, sumBytes: leastBytes, machineBytes });
  const machine = `this machine's ${bytesText(machineBytes)} of memory`;
  const sum = `${bytesText(mostBytes)} of ${machine}`;
  const howWeKnow = `estimated: ${parts.join(', ')}`;
  const isKnown = needs.every((one) => one.totalBytes !== null);
  if (isKnown && mostBytes <= machineBytes)
    return [
      { id: 'site.models-memory', severity: 'green', title: `The models need about ${sum}`, remedies: [], howWeKnow },
    ];
  const between = `The models need between ${bytesText(leastBytes)} and ${sum}: weights that they share may be held once`;
  return [
    {
      id: 'site.models-memory',
      severity: 'amber',
      title: isKnown
        ? between
        : `The models need more than ${bytesText(leastBytes)} of ${machine}: how much is not known`,
      consequence: 'If they do not fit together, the system ends one of them or becomes slow.',
      remedies: [steps('After the deployment, compare the memory that each part uses: sealift status')],
      howWeKnow,
    },
  ];
}

/** The weights that are counted more than once in the sum of what models need. */
function sharedBytes(needs: readonly MemoryNeed[]): number {
  const seen = new Set<string>();
  return needs.reduce((sum, { mapped }) => {
    if (!mapped) return sum;
    if (seen.has(mapped.sha256)) return sum + mapped.bytes;
    seen.add(mapped.sha256);
    return sum;
  }, 0);
}
