import type { ChatHistoryItem, ChatModelFunctions, ChatWrapper, LlamaModel, LlamaText, Token } from 'node-llama-cpp';
import { badRequest } from '../openai/api-error.ts';
import type { ChatMessage, ChatTool } from '../openai/chat-request.ts';
import { type CallSyntax, callSyntax } from './call-syntax.ts';
import { chatHistory } from './chat-history.ts';
import { chatWrapper } from './chat-wrapper.ts';
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

  /** How the model writes tool calls. */
  get callSyntax(): CallSyntax {
    return callSyntax(this.#library, this.#wrapper.settings.functions);
  }

  /**
   * The tokens of a chat, ready for the assistant's answer; a last assistant message is continued. `start` is text of the template that
   * the answer has to begin with. Throws ApiError 400.
   */
  tokens(messages: readonly ChatMessage[], tools: readonly ChatTool[] = [], start = ''): Token[] {
    const tokens = this.#render(chatHistory(messages), tools, start);
    const { bos, shouldPrependBosToken } = this.#model.tokens;
    if (shouldPrependBosToken && bos !== null && tokens[0] !== bos) tokens.unshift(bos);
    return tokens;
  }

  #render(history: ChatHistoryItem[], tools: readonly ChatTool[], start: string): Token[] {
    const { LlamaText, SpecialTokensText } = this.#library;
    try {
      const { contextText } = this.#wrapper.generateContextState({
        chatHistory: history,
        ...(tools.length > 0 && { availableFunctions: functionsOf(tools), documentFunctionParams: true }),
      });
      const text = this.#withInfillMarkers(contextText);
      const whole = start === '' ? text : LlamaText([text, new SpecialTokensText(start)]);
      return whole.tokenize(this.#model.tokenizer);
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

function functionsOf(tools: readonly ChatTool[]): ChatModelFunctions {
  // The library's type names the keywords of JSON schema that it understands; a template gets the schema as it is.
  return Object.fromEntries(
    tools.map(({ name, description, parameters }) => [name, { description, params: parameters }]),
  ) as ChatModelFunctions;
}
