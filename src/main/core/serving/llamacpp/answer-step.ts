import type { ToolCall } from '../openai/chat-request.ts';
import type { TokenOdds } from './token-odds.ts';

/** Why an answer ended. */
export type FinishReason = 'stop' | 'length' | 'tool_calls';

/** The end of an answer. */
export interface AnswerEnd {
  finishReason: FinishReason;
  completionTokens: number;
  toolCalls: ToolCall[];
}

/** A piece of an answer's text, with the odds of its tokens if the request wants them, or the answer's end. */
export type AnswerStep = { text: string; odds: TokenOdds[] } | { end: AnswerEnd };
