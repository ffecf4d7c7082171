import { timeText } from '../../../../shared/time-text.ts';

/** Names a bundle or an inventory in a sentence: "bundle duo of 2026-11-21 16:08 UTC". */
export function heldWords(side: { kind: 'bundle' | 'inventory'; name?: string | undefined; created: string }): string {
  return `${side.kind === 'bundle' ? `bundle ${side.name ?? ''}` : 'the inventory'} of ${timeText(side.created)}`;
}
