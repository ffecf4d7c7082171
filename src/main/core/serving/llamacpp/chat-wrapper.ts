import type { ChatWrapper, LlamaModel } from 'node-llama-cpp';
import { callSyntax } from './call-syntax.ts';
import type { LlamaLibrary } from './llama-library.ts';

/**
 * Returns what renders a model's chats: its own template or, where that shows the library no form for tool calls although it knows tools,
 * the library's wrapper for the family, if it renders alike and has calls in JSON. Mistral's templates refuse the ids with which the
 * library tries them. Where a template leaves out the tools (DeepSeek V3.1) or has calls that are no JSON (Qwen3-Coder), the library
 * describes the tools and the form of calls in its own words.
 */
export function chatWrapper(library: LlamaLibrary, model: LlamaModel): ChatWrapper {
  const template = model.fileInfo.metadata.tokenizer.chat_template;
  if (template === undefined) return library.resolveChatWrapper(model);
  try {
    const { tokenizer } = model;
    const options = { template, tokenizer, reasoning: null, trimLeadingWhitespaceInResponses: false };
    const own = new library.JinjaTemplateChatWrapper(options);
    if (own.usingJinjaFunctionCallTemplate && !(showsTools(own) && hasJsonCalls(library, own)))
      return new library.JinjaTemplateChatWrapper({ ...options, functionCallMessageTemplate: 'noJinja' });
    if (own.usingJinjaFunctionCallTemplate || !/\btools\b/.test(template)) return own;
    const known = library.resolveChatWrapper(model);
    return callSyntax(library, known.settings.functions).start.includes('{') ? known : own;
  } catch {
    // The Jinja interpreter cannot run this template; the library recognises many of them.
    return library.resolveChatWrapper(model);
  }
}

/** Arguments that a template writes one by one are all in one, of this name, when the library renders it. */
function hasJsonCalls(library: LlamaLibrary, { settings }: ChatWrapper): boolean {
  return !callSyntax(library, settings.functions).parameters.includes('=params>');
}

function showsTools(wrapper: ChatWrapper): boolean {
  const name = 'a_tool_of_this_name';
  const { contextText } = wrapper.generateContextState({
    chatHistory: [
      { type: 'user', text: 'Hi' },
      { type: 'model', response: [] },
    ],
    availableFunctions: { [name]: { params: { type: 'object', properties: {} } } },
    documentFunctionParams: true,
  });
  return contextText.toString().includes(name);
}
