import type { OpenBundle } from '../../bundle/read/open-media.ts';
import type { StorePlan } from './plan-store.ts';

/**
 * Returns the media that must be inserted before the rest can be imported: those never seen, and those with parts that are
 * still missing. Without the head, this includes the last medium, whose label is unknown.
 */
export function neededMedia(
  open: OpenBundle,
  plan: StorePlan,
  incomplete: readonly string[],
): { label: string; ordinal?: number }[] {
  const needed = new Set<string>();
  const still = new Set(incomplete);
  for (const blob of plan.blobs) {
    if (!still.has(blob.hex)) continue;
    for (const { part } of blob.parts) if (part.root === undefined) needed.add(part.medium);
  }
  const seen = new Set(open.media.map((medium) => medium.ordinal));
  const media = open.missing.filter(({ ordinal, label }) => !seen.has(ordinal) || needed.has(label));
  const last = open.head ? [] : [{ label: 'the last medium (it lists the whole)' }];
  return [...media.map(({ label, ordinal }) => ({ label, ordinal })), ...last];
}
