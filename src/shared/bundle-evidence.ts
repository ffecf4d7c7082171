import { z } from 'zod';
import { isPlainLine } from './plain-text.ts';
import { timeText } from './time-text.ts';

const plain = (most: number) =>
  z.string().min(1).max(most).refine(isPlainLine, 'has characters that cannot be shown as they are');

/** Who packed a bundle, as they call themselves. */
export const packedBy = plain(200);

/**
 * The scanner that ran over each medium of a bundle before it was signed and ended with exit code 0, with the last lines that it printed.
 * What it looked into and left out is its own affair.
 */
export const scanResult = z.strictObject({
  command: plain(1000),
  endedAt: z.iso.datetime(),
  output: z.array(plain(500)).max(40),
});
export type ScanResult = z.infer<typeof scanResult>;

/** Says in a sentence how a bundle was scanned. It is worth as much as its signature: a `doubt` about that is said with it. */
export function scanText({ command, endedAt }: ScanResult, doubt?: string): string {
  const scanned = `ran ${command} over each medium before signing, and it ended with exit code 0 (${timeText(endedAt)})`;
  return doubt === undefined
    ? `The packing side ${scanned}.`
    : `The bundle states that the packing side ${scanned}, but ${doubt}.`;
}

/** The doubt about a bundle that was imported, or is shown, without a signature by a trusted key. */
export const unsignedDoubt = 'no trusted key signed this';

/** What a bundle says about itself besides its contents. */
export const bundleEvidence = z.object({ packedBy: packedBy.optional(), scan: scanResult.optional() });
export type BundleEvidence = z.infer<typeof bundleEvidence>;

/** Names a bundle or an inventory in a sentence: "bundle duo of 2026-11-21 16:08 UTC". */
export function heldWords(side: { kind: 'bundle' | 'inventory'; name?: string | undefined; created: string }): string {
  return `${side.kind === 'bundle' ? `bundle ${side.name ?? ''}` : 'the inventory'} of ${timeText(side.created)}`;
}
