import type { Token } from 'node-llama-cpp';

/** Turns tokens into text; `before` are tokens that came just before. */
export type Detokenize = (tokens: readonly Token[], before: readonly Token[]) => string;

const unfinished = '\uFFFD';
// A model that writes no valid text at all must not make every further token dearer.
const maxOpenTokens = 64;
const beforeTokens = 4;

/** Text of tokens that come one by one; a character cut over several tokens comes out whole, with its last one. */
export class TokenText {
  readonly #detokenize: Detokenize;
  #open: Token[] = [];
  #before: Token[] = [];
  /** How much of the open tokens' text was given out. */
  #givenChars = 0;

  constructor(detokenize: Detokenize) {
    this.#detokenize = detokenize;
  }

  push(token: Token): string {
    this.#open.push(token);
    const text = this.#detokenize(this.#open, this.#before);
    if (!text.endsWith(unfinished) || this.#open.length >= maxOpenTokens) return this.#close(text);
    const sure = text.slice(this.#givenChars, -unfinished.length);
    this.#givenChars += sure.length;
    return sure;
  }

  /** What is left when no more tokens come; a cut character stays as the replacement character. */
  end(): string {
    return this.#open.length === 0 ? '' : this.#close(this.#detokenize(this.#open, this.#before));
  }

  #close(text: string): string {
    const rest = text.slice(this.#givenChars);
    this.#before = [...this.#before, ...this.#open].slice(-beforeTokens);
    this.#open = [];
    this.#givenChars = 0;
    return rest;
  }
}
