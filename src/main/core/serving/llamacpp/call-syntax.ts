import type { ChatWrapperSettings } from 'node-llama-cpp';
import type { LlamaLibrary } from './llama-library.ts';

/** How a model writes tool calls: START name PARAMETERS {…} SUFFIX, and BETWEEN and another one. All as text. */
export interface CallSyntax {
  start: string;
  parameters: string;
  suffix: string;
  /** From the arguments of one call to the name of the next. */
  between: string;
}

/** Reads the syntax that node-llama-cpp found in the chat template, or its own where the template has none. */
export function callSyntax(library: LlamaLibrary, { call, parallelism }: ChatWrapperSettings['functions']): CallSyntax {
  const plain = (text: typeof call.prefix | undefined) => library.LlamaText(text ?? '').toString();
  const prefix = plain(call.prefix);
  const suffix = plain(call.suffix);
  return {
    start: plain(parallelism?.call.sectionPrefix) + prefix,
    parameters: plain(call.paramsPrefix),
    suffix,
    between: suffix + plain(parallelism?.call.betweenCalls) + prefix,
  };
}
