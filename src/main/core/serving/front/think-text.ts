import { openLength } from '../llamacpp/stop-text.ts';

const opening = '<think>';
const closing = '</think>';

/** A piece of an answer: what the model thinks, and what it says. */
export interface SplitText {
  reasoning: string;
  content: string;
}

/**
 * Splits text that begins with `<think>` into the reasoning between the tags and the content after them, piece by piece; text that may
 * still become a tag is held back. Other text is all content.
 */
export class ThinkText {
  #state: 'start' | 'thinking' | 'after' | 'content' = 'start';
  #held = '';

  push(text: string): SplitText {
    let rest = this.#held + text;
    this.#held = '';
    const split: SplitText = { reasoning: '', content: '' };
    if (this.#state === 'start') {
      const trimmed = rest.trimStart();
      if (opening.startsWith(trimmed)) return this.#hold(rest, split);
      this.#state = trimmed.startsWith(opening) ? 'thinking' : 'content';
      if (this.#state === 'thinking') rest = trimmed.slice(opening.length);
    }
    if (this.#state === 'thinking') rest = this.#think(rest, split);
    if (this.#state === 'after') {
      rest = rest.trimStart();
      if (rest !== '') this.#state = 'content';
    }
    if (this.#state === 'content') split.content = rest;
    return split;
  }

  /** What was held back when the text ends. */
  end(): SplitText {
    const held = this.#held;
    this.#held = '';
    return this.#state === 'thinking' ? { reasoning: held, content: '' } : { reasoning: '', content: held };
  }

  #hold(text: string, split: SplitText): SplitText {
    this.#held = text;
    return split;
  }

  /** Returns what follows the end of the thinking. */
  #think(text: string, split: SplitText): string {
    const at = text.indexOf(closing);
    if (at >= 0) {
      split.reasoning = text.slice(0, at);
      this.#state = 'after';
      return text.slice(at + closing.length);
    }
    const heldLength = openLength(text, closing);
    this.#held = text.slice(text.length - heldLength);
    split.reasoning = text.slice(0, text.length - heldLength);
    return '';
  }
}

/** Splits a whole answer. One without the opening tag, which many templates put into the prompt, thinks up to the closing tag. */
export function splitWhole(text: string): SplitText {
  const closesAt = text.indexOf(closing);
  if (closesAt >= 0 && !text.slice(0, closesAt).includes(opening)) return splitWhole(opening + text);
  const splitter = new ThinkText();
  const { reasoning, content } = splitter.push(text);
  const rest = splitter.end();
  return { reasoning: (reasoning + rest.reasoning).trim(), content: content + rest.content };
}
