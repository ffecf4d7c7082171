import type { ModelWeights } from '../../store/find-model.ts';
import { estimateLlamacpp } from '../status/estimate-serving.ts';
import { machineMemory } from './memory-findings.ts';

const mostSlots = 8;
/* The rest is for the gateway, the system, and the file cache that the weights are read through. */
const memoryShare = 0.75;

/** What one model of the embedded engine needs of memory with so many slots; null if it is unknown. */
export interface SlotQuestion {
  threads: number;
  /** What the site file sets. */
  slots?: number | undefined;
  needBytes(slots: number): Promise<number | null>;
}

/**
 * Returns how many requests each model answers at once: what the site file sets, else as many as its threads, at most 8, the same for all as
 * far as all of them together fit. One where the memory is unknown, or short: then the deployment or the engine says so.
 */
export async function sizedSlots(questions: readonly SlotQuestion[], machineBytes: number): Promise<number[]> {
  const slotsAt = (most: number) => questions.map(({ threads, slots }) => slots ?? Math.min(threads, most));
  for (let most = mostSlots; most > 1; most -= 1) {
    const slots = slotsAt(most);
    const needs = await Promise.all(questions.map((one, at) => one.needBytes(slots[at] ?? 1)));
    const sum = needs.reduce<number | null>((all, one) => (all === null || one === null ? null : all + one), 0);
    if (sum === null) break;
    if (sum <= machineBytes * memoryShare) return slots;
  }
  return slotsAt(1);
}

/** Returns models with the slots of those that the embedded engine serves. */
export async function withSlots(models: readonly ModelWeights[]): Promise<ModelWeights[]> {
  const served = models.filter(({ site, weights }) => site.model.engine === 'llamacpp' && weights);
  // Most sites leave it at one thread, and need no look at their weights.
  if (served.every(({ site: { model } }) => model.slots !== undefined || model.threads === 1)) return [...models];
  const slots = await sizedSlots(served.map(questionOf), await machineMemory());
  return models.map((one) => {
    const at = served.indexOf(one);
    return at < 0 ? one : { ...one, site: { ...one.site, model: { ...one.site.model, slots: slots[at] ?? 1 } } };
  });
}

function questionOf({ site: { model }, weights }: ModelWeights): SlotQuestion {
  return {
    threads: model.threads,
    slots: model.slots,
    needBytes: async (slots) => {
      if (!weights) return null;
      return (await estimateLlamacpp(weights.path, model.contextTokens, slots))?.totalBytes ?? null;
    },
  };
}
