import { isObject, type Json } from '../openai/json-object.ts';
import { splitWhole } from './think-text.ts';
import { repairedToolCalls } from './tool-calls.ts';

/**
 * Repairs a plain answer as `StreamRepair` does a stream: tool calls, a finish reason `stop` beside them, and thinking inside the
 * content. Returns the same text when nothing was wrong.
 */
export function repairedWhole(text: string, answer: Json): string {
  const given = answer.choices as unknown[];
  const choices = given.map((one) => (isObject(one) ? repairedChoice(one) : one));
  return choices.every((one, index) => one === given[index]) ? text : JSON.stringify({ ...answer, choices });
}

function repairedChoice(choice: Json): Json {
  const message = isObject(choice.message) ? choice.message : {};
  const changed = { ...withCalls(message), ...withReasoning(message) };
  const isTools = choice.finish_reason === 'stop' && Array.isArray(message.tool_calls) && message.tool_calls.length > 0;
  if (Object.keys(changed).length === 0 && !isTools) return choice;
  return { ...choice, message: { ...message, ...changed }, ...(isTools && { finish_reason: 'tool_calls' }) };
}

function withCalls({ tool_calls: calls }: Json): Json {
  if (!Array.isArray(calls)) return {};
  const repaired = repairedToolCalls(calls);
  return JSON.stringify(repaired) === JSON.stringify(calls) ? {} : { tool_calls: repaired };
}

function withReasoning({ content, reasoning_content: known }: Json): Json {
  if (typeof content !== 'string' || known) return {};
  const split = splitWhole(content);
  return split.content === content ? {} : { content: split.content, reasoning_content: split.reasoning };
}
