import type { ChatHistoryItem, ChatModelFunctionCall, ChatModelResponse } from 'node-llama-cpp';
import { badRequest } from '../openai/api-error.ts';
import type { ChatMessage, ToolCall } from '../openai/chat-request.ts';

/**
 * Returns messages as node-llama-cpp's chat history: tool calls together with their results in the assistant's turn, which continues after
 * them. It ends with the turn that the model is to write or to continue. Throws ApiError 400 for an answer to no call.
 */
export function chatHistory(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const history: ChatHistoryItem[] = [];
  const open = new Map<string, ChatModelFunctionCall>();
  for (const message of messages) {
    if (message.role === 'tool') {
      const call = open.get(message.callId);
      if (!call) throw badRequest('A tool message answers no tool call before it.', null, 'messages');
      call.result = message.text;
    } else if (message.role === 'assistant') {
      const calls = message.toolCalls.map(functionCall);
      for (const [index, { id }] of message.toolCalls.entries()) open.set(id, calls[index] as ChatModelFunctionCall);
      turnOf(history).response.push(...(message.text === '' && calls.length > 0 ? [] : [message.text]), ...calls);
    } else {
      history.push({ type: message.role, text: message.text });
    }
  }
  const last = history.at(-1);
  if (last?.type !== 'model') history.push({ type: 'model', response: [] });
  else if (typeof last.response.at(-1) !== 'string') last.response.push('');
  return history;
}

/** The assistant's turn to continue after the results of its tools, or a new one. */
function turnOf(history: ChatHistoryItem[]): ChatModelResponse {
  const last = history.at(-1);
  if (last?.type === 'model' && typeof last.response.at(-1) !== 'string') return last;
  const turn: ChatModelResponse = { type: 'model', response: [] };
  history.push(turn);
  return turn;
}

function functionCall(call: ToolCall, index: number): ChatModelFunctionCall {
  let params: unknown;
  try {
    params = JSON.parse(call.arguments === '' ? '{}' : call.arguments);
  } catch {
    throw badRequest(`The arguments of the tool call ${call.id.slice(0, 64)} are not JSON.`, null, 'messages');
  }
  // Without an answer the library would render the word "undefined".
  return { type: 'functionCall', name: call.name, params, result: '', ...(index === 0 && { startsNewChunk: true }) };
}
