import type { ChatHistoryItem, ChatWrapper, LlamaModel, LlamaText, Token } from 'node-llama-cpp';
import { badRequest } from '../openai/api-error.ts';
import type { ChatMessage } from '../openai/chat-request.ts';
import type { LlamaLibrary } from './llama-library.ts';

/**
 * Renders chats with the model's own template. Control tokens come only from the template: text in messages stays text, except
 * for the model's fill-in-the-middle markers, which GitLab sends inside user messages.
 */
export class ChatPrompt {
  readonly #library: LlamaLibrary;
  readonly #model: LlamaModel;
  readonly #wrapper: ChatWrapper;
  readonly #infillMarkers: readonly string[];

  constructor(library: LlamaLibrary, model: LlamaModel) {
    this.#library = library;
    this.#model = model;
    this.#wrapper = chatWrapper(library, model);
    const { prefix, suffix, middle } = model.tokens.infill;
    this.#infillMarkers = [prefix, suffix, middle]
      .filter((token) => token !== null)
      .map((token) => model.detokenize([token], true))
      .filter((marker) => marker !== '');
  }

  /** The tokens of a chat, ready for the assistant's answer; a last assistant message is continued. Throws ApiError 400. */
  tokens(messages: readonly ChatMessage[]): Token[] {
    const history: ChatHistoryItem[] = messages.map(historyItem);
    if (messages.at(-1)?.role !== 'assistant') history.push({ type: 'model', response: [] });
    const tokens = this.#render(history);
    const { bos, shouldPrependBosToken } = this.#model.tokens;
    if (shouldPrependBosToken && bos !== null && tokens[0] !== bos) tokens.unshift(bos);
    return tokens;
  }

  #render(history: ChatHistoryItem[]): Token[] {
    try {
      const { contextText } = this.#wrapper.generateContextState({ chatHistory: history });
      return this.#withInfillMarkers(contextText).tokenize(this.#model.tokenizer);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : 'unknown';
      throw badRequest(`The model's chat template refuses these messages: ${reason?.slice(0, 200)}`, null, 'messages');
    }
  }

  #withInfillMarkers(text: LlamaText): LlamaText {
    const { SpecialTokensText } = this.#library;
    return this.#infillMarkers.reduce(
      (whole, marker) =>
        whole.mapValues((value) => {
          if (typeof value !== 'string') return value;
          return value
            .split(marker)
            .flatMap((part, index) => (index === 0 ? [part] : [new SpecialTokensText(marker), part]));
        }),
      text,
    );
  }
}

function historyItem({ role, text }: ChatMessage): ChatHistoryItem {
  if (role === 'system') return { type: 'system', text };
  if (role === 'assistant') return { type: 'model', response: [text] };
  return { type: 'user', text };
}

function chatWrapper(library: LlamaLibrary, model: LlamaModel): ChatWrapper {
  const template = model.fileInfo.metadata.tokenizer.chat_template;
  if (template === undefined) return library.resolveChatWrapper(model);
  try {
    return new library.JinjaTemplateChatWrapper({
      template,
      tokenizer: model.tokenizer,
      reasoning: null,
      trimLeadingWhitespaceInResponses: false,
    });
  } catch {
    // The Jinja interpreter cannot run this template; the library recognises many of them.
    return library.resolveChatWrapper(model);
  }
}
