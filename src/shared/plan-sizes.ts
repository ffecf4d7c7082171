import type { packPlan } from './contract/pack.ts';
import type { OutputOf } from './rpc/contract.ts';

type Plan = OutputOf<typeof packPlan>;

/** What stands before a size of a plan: nothing when it is exact. */
export const planSizeWords: Record<Plan['sizes'], string> = { exact: '', 'at-most': 'at most ', estimate: 'about ' };

/** Returns what packing may do other than the plan's numbers say, or undefined when they are exact. */
export function planDoubt({ sizes, media }: Pick<Plan, 'sizes' | 'media'>): string | undefined {
  if (sizes === 'exact') return undefined;
  if (sizes === 'at-most') return 'Some files have equal sizes. Those with equal contents are written once.';
  const images = media.flatMap((one) => one.contents).filter((one) => one.isEstimate);
  const names = [...new Set(images.map((one) => one.name))].join(', ');
  const where = media.length > 1 ? ', and which of its layers go to which medium' : '';
  return `The container engine reveals the size of an image only while saving it${where}: ${names}.`;
}
