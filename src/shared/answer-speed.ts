import type { AskItem } from './contract/probe.ts';

/**
 * Returns the tokens per second of an answer, counted from its first token: the time until then is spent on the prompt. Undefined where
 * the model server reported too little.
 */
export function answerSpeed({
  completionTokens = 0,
  firstTokenMs,
  totalMs,
}: Pick<Extract<AskItem, { type: 'end' }>, 'completionTokens' | 'firstTokenMs' | 'totalMs'>): number | undefined {
  if (firstTokenMs === undefined || completionTokens < 2 || totalMs <= firstTokenMs) return undefined;
  return ((completionTokens - 1) * 1000) / (totalMs - firstTokenMs);
}
