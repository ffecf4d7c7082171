import { randomUUID } from 'node:crypto';
import { answerSpeed } from '../../../shared/answer-speed.ts';
import { boundedText } from '../../../shared/bounded-text.ts';
import type { TaskResult } from '../../../shared/contract/acceptance.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { plainText } from '../../../shared/plain-text.ts';
import type { SiteModel } from '../../../shared/site-file.ts';
import { sha256Hex } from '../files/sha256.ts';
import { cleanText } from '../probe/clean-text.ts';
import { type ChatAsk, streamChat } from '../probe/stream-chat.ts';
import type { AcceptanceCatalog, AcceptanceTask } from './acceptance-catalog.ts';
import { type ChatTurn, type RawCall, readTurn } from './chat-turn.ts';
import { checkAnswer, isCall, type MadeCall } from './check-answer.ts';
import { type ChatMessage, taskRequest } from './task-request.ts';

/** The front of a site, and the model behind it. */
export type Front = Pick<ChatAsk, 'frontUrl' | 'apiKey' | 'signal'> & {
  model: Pick<SiteModel, 'servedName' | 'family'>;
};

/** Answers and results of calls per task. */
const maxTurns = 4;
const shownChars = 500;
/** A shorter answer, in tokens or after its first one, says nothing about the speed. */
const [leastTokens, leastMs] = [16, 250];

/**
 * Asks the model one task, answers its calls, and judges what it made of it. What the front refuses is a task without an answer, not an
 * error: then `failure` is what was thrown. Throws the signal's reason.
 */
export async function runTask(
  task: AcceptanceTask,
  catalog: AcceptanceCatalog,
  front: Front,
): Promise<{ result: TaskResult; failure?: AppError }> {
  const { id, feature, title } = task;
  const correlationId = `sealift-${randomUUID()}`;
  const known = { id, feature, title, correlationId, taskSha256: sha256Hex(JSON.stringify(task)) };
  const turns: ChatTurn[] = [];
  const shown = (text: string) => boundedText(plainText(cleanText(text, [front.apiKey], 10_000)), shownChars);
  try {
    for await (const turn of turnsOf(task, catalog, front, correlationId)) turns.push(turn);
  } catch (failure) {
    front.signal.throwIfAborted();
    if (!(failure instanceof AppError)) throw failure;
    const error = shown(failure.message);
    return { result: { ...known, passed: false, checks: [], answer: '', error }, failure };
  }
  const calls = turns.flatMap((turn) => turn.calls);
  const text = turns.at(-1)?.text ?? '';
  const checks = checkAnswer(task, { text, calls: calls.map(madeCall) });
  if (turns.some((one) => one.isEndless)) checks.push({ title: 'keeps to its limit of tokens', ok: false });
  const passed = checks.every((one) => one.ok);
  const written = calls.map((one) => `[${one.name} ${one.arguments}]\n`).join('');
  return { result: { ...known, passed, checks, answer: shown(written + text), ...figuresOf(turns) } };
}

async function* turnsOf(
  task: AcceptanceTask,
  catalog: AcceptanceCatalog,
  { model, ...front }: Front,
  correlationId: string,
): AsyncGenerator<ChatTurn> {
  const request = taskRequest(task, catalog, model.family);
  const messages: ChatMessage[] = [...request.messages];
  for (let count = 0; count < maxTurns; count += 1) {
    const body = { ...request, model: model.servedName, messages };
    const turn = await readTurn(streamChat({ ...front, body, correlationId }));
    yield turn;
    const made = turn.calls.map(madeCall);
    if (made.length === 0 || turn.isEndless || made.some((one) => one.arguments === undefined)) return;
    messages.push(assistantMessage(turn), ...turn.calls.map((call) => resultMessage(call, task)));
  }
}

function assistantMessage({ text, calls }: ChatTurn): ChatMessage {
  const tool_calls = calls.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  return { role: 'assistant', content: text, tool_calls };
}

function resultMessage(call: RawCall, { ask }: AcceptanceTask): ChatMessage {
  const known = ask?.results?.find((one) => isCall(madeCall(call), one.call));
  return { role: 'tool', tool_call_id: call.id, content: known?.result ?? 'Error: there is nothing of this name' };
}

function madeCall({ name, arguments: text }: RawCall): MadeCall {
  const value = parsed(text);
  return { name, arguments: isObject(value) ? value : undefined };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first token of the first answer, and the speed of the longest. */
function figuresOf(turns: ChatTurn[]): Pick<TaskResult, 'firstTokenMs' | 'tokensPerSecond'> {
  const firstTokenMs = turns[0]?.firstTokenMs;
  const longest = turns.toSorted((a, b) => (b.completionTokens ?? 0) - (a.completionTokens ?? 0))[0];
  const afterFirstMs = (longest?.totalMs ?? 0) - (longest?.firstTokenMs ?? 0);
  const isLong = (longest?.completionTokens ?? 0) >= leastTokens && afterFirstMs >= leastMs;
  const tokensPerSecond = longest && isLong ? answerSpeed(longest) : undefined;
  return {
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond: Math.round(tokensPerSecond * 10) / 10 }),
  };
}
