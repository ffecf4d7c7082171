import { create } from 'zustand';
import { answerSpeed } from '../../../shared/answer-speed.ts';
import type { AskItem } from '../../../shared/contract/probe.ts';
import { core } from '../../state/core.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { homeText as text } from '../../text/home.ts';

interface Asked {
  answer: string;
  thinking: string;
  isWriting: boolean;
  /** Of the request that is being answered. */
  correlationId?: string;
  /** Speed and length, when the answer is whole. */
  figures?: string;
  error?: ShownError;
}

/** The last question of each site, by its name. */
export const useQuestion = create<Record<string, Asked>>(() => ({}));

const nothing: Asked = { answer: '', thinking: '', isWriting: true };
/** Ends the latest question of each site. Items of another one are not shown. */
const latest = new Map<string, AbortController>();

/** Asks a model of a site; an answer that is still being written is given up. `model` is needed where the site has several. */
export async function ask(site: string, question: string, model?: string): Promise<void> {
  latest.get(site)?.abort();
  const mine = new AbortController();
  latest.set(site, mine);
  const isLatest = () => latest.get(site) === mine;
  useQuestion.setState({ [site]: nothing });
  try {
    for await (const item of core().probe.ask({ site, question, ...(model !== undefined && { model }) }, mine.signal)) {
      if (!isLatest()) return;
      useQuestion.setState((all) => ({ [site]: withItem(all[site] ?? nothing, item) }));
    }
    if (isLatest()) change(site, { isWriting: false });
  } catch (error) {
    if (isLatest()) change(site, { isWriting: false, error: toShownError(error) });
  }
}

/** Gives up the answer of a site that is being written, also before its first word; what was written stays. */
export function stopAsking(site: string): void {
  latest.get(site)?.abort();
  latest.delete(site);
  if (useQuestion.getState()[site]?.isWriting) change(site, { isWriting: false });
}

function change(site: string, to: Partial<Asked>): void {
  useQuestion.setState((all) => ({ [site]: { ...(all[site] ?? nothing), ...to } }));
}

function withItem(before: Asked, item: AskItem): Asked {
  const { correlationId } = item;
  // A connection that was lost asks again: the answer starts again.
  const now = before.correlationId === correlationId ? before : { ...nothing, correlationId };
  if (item.type === 'end') return { ...now, figures: figuresText(item) };
  return item.isThinking ? { ...now, thinking: now.thinking + item.text } : { ...now, answer: now.answer + item.text };
}

function figuresText(end: Extract<AskItem, { type: 'end' }>): string {
  const { completionTokens, firstTokenMs, totalMs } = end;
  const firstSeconds = firstTokenMs === undefined ? undefined : firstTokenMs / 1000;
  return text.figures(completionTokens, answerSpeed(end), firstSeconds, totalMs / 1000);
}
