import type { Token } from 'node-llama-cpp';

/** Turns tokens into text; `before` are tokens that came just before. */
export type Detokenize = (tokens: readonly Token[], before: readonly Token[]) => string;

const unfinished = '\uFFFD';
// Output that never becomes valid text must not make each further token more expensive.
const maxOpenTokens = 64;
const beforeTokens = 4;

/** Builds text from tokens that arrive one by one; a character split over several tokens is returned whole, with its last one. */
export class TokenText {
  readonly #detokenize: Detokenize;
  #open: Token[] = [];
  #before: Token[] = [];
  /** How much of the open tokens' text was returned. */
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

  /** Returns the rest when there are no more tokens; a split character stays as the replacement character. */
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
