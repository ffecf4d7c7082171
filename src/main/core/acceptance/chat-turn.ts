import type { ChatChunk } from '../probe/stream-chat.ts';

/** A call as the model wrote it. */
export interface RawCall {
  id: string;
  name: string;
  arguments: string;
}

/** One answer of the model, read to its end. */
export interface ChatTurn {
  text: string;
  calls: RawCall[];
  firstTokenMs?: number;
  completionTokens?: number;
  totalMs: number;
  /** True when it was given up because it went on far beyond its limit. */
  isEndless: boolean;
}

/** Far more than `max_tokens` of any task: whoever sends more does not keep to it. */
const maxChars = 100_000;
const maxCalls = 64;

/** Reads one streamed answer, and measures it. An answer without end is given up. Throws what the stream throws. */
export async function readTurn(chunks: AsyncIterable<ChatChunk>): Promise<ChatTurn> {
  const started = performance.now();
  const since = () => Math.round(performance.now() - started);
  const turn: ChatTurn = { text: '', calls: [], totalMs: 0, isEndless: false };
  let chars = 0;
  for await (const { choices, usage } of chunks) {
    if (usage) turn.completionTokens = usage.completion_tokens;
    const { content, reasoning_content, tool_calls } = choices[0]?.delta ?? {};
    if (content || reasoning_content || tool_calls?.length) turn.firstTokenMs ??= since();
    turn.text += content ?? '';
    for (const one of tool_calls ?? []) addCall(turn.calls, one);
    chars += (content ?? '').length + (reasoning_content ?? '').length + JSON.stringify(tool_calls ?? '').length;
    if (chars <= maxChars && turn.calls.length <= maxCalls) continue;
    turn.isEndless = true;
    break;
  }
  return { ...turn, totalMs: since() };
}

type Piece = NonNullable<NonNullable<ChatChunk['choices'][number]['delta']>['tool_calls']>[number];

function addCall(calls: RawCall[], piece: Piece): void {
  // The front repairs missing indexes; without one, a new id starts a new call.
  const at = piece.index ?? (piece.id ? calls.length : calls.length - 1);
  if (at < 0 || at > calls.length) return;
  const call = calls[at] ?? { id: '', name: '', arguments: '' };
  calls[at] = {
    id: piece.id || call.id,
    name: call.name + (piece.function?.name ?? ''),
    arguments: call.arguments + (piece.function?.arguments ?? ''),
  };
}
