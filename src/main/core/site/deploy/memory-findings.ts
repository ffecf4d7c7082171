import { bytesText } from '../../../../shared/bytes-text.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { cgroupLimits } from '../../hardware/cgroup.ts';
import { collectMemory } from '../../hardware/memory.ts';
import { thisSystem } from '../../hardware/system-view.ts';
import type { ModelWeights } from '../../store/find-model.ts';
import { estimateLlamacpp } from '../status/estimate-serving.ts';

/** What one model needs of this machine's memory; null if it is unknown. */
export interface MemoryNeed {
  servedName: string;
  totalBytes: number | null;
}

const lookMs = 2000;

/**
 * Reports what the embedded engines of a list of models need together of this machine's memory. Empty for a site file with `model`. Throws
 * `site.models-too-large`.
 */
export async function memoryFindings(models: readonly ModelWeights[]): Promise<Finding[]> {
  const own = models.filter(({ site }) => site.part !== undefined && site.model.engine === 'llamacpp');
  const needs = await Promise.all(
    own.map(async ({ site: { model }, weights }) => {
      const estimate = weights && (await estimateLlamacpp(weights.path, model.contextTokens));
      return { servedName: model.servedName, totalBytes: estimate?.totalBytes ?? null };
    }),
  );
  if (needs.length === 0) return [];
  const view = thisSystem(lookMs);
  const { facts } = await collectMemory(view, await cgroupLimits(view));
  return judgeMemory(needs, facts.limitBytes ?? facts.totalBytes);
}

/** Compares the sum of what models need with the memory of a machine. Throws `site.models-too-large` when the known needs exceed it. */
export function judgeMemory(needs: readonly MemoryNeed[], machineBytes: number): Finding[] {
  const sumBytes = needs.reduce((sum, one) => sum + (one.totalBytes ?? 0), 0);
  const parts = needs.map(({ servedName, totalBytes }) => {
    return `${servedName} ${totalBytes === null ? 'unknown' : bytesText(totalBytes)}`;
  });
  if (sumBytes > machineBytes) throw appError('site.models-too-large', { parts, sumBytes, machineBytes });
  const sum = `${bytesText(sumBytes)} of this machine's ${bytesText(machineBytes)} of memory`;
  const howWeKnow = `estimated: ${parts.join(', ')}`;
  if (needs.every((one) => one.totalBytes !== null))
    return [
      { id: 'site.models-memory', severity: 'green', title: `The models need about ${sum}`, remedies: [], howWeKnow },
    ];
  return [
    {
      id: 'site.models-memory',
      severity: 'amber',
      title: `The models need more than ${sum}: how much is not known`,
      consequence: 'If they do not fit together, the system ends one of them or becomes slow.',
      remedies: [steps('After the deployment, compare the memory that each part uses: sealift status')],
      howWeKnow,
    },
  ];
}
