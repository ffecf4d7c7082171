import { jsonRules, literal } from './json-grammar.ts';
import { refused } from './schema-keywords.ts';

/**
 * llama.cpp writes a grammar out: every character of a constant, every value of a range and every time that something may be repeated.
 * This many take it a fraction of a second and some MB.
 */
const maxParts = 20_000;

/** The rules (GBNF) of one grammar, which several schemas may share. */
export class GrammarRules {
  readonly #rules: string[] = [];
  #parts = 0;

  /** Adds a rule and returns its name. */
  add(body: string): string {
    const name = this.reserve();
    this.fill(name, body);
    return name;
  }

  /** Returns the name of a rule that is to be filled, for one that refers to itself. */
  reserve(): string {
    return `r${this.#rules.push('') - 1}`;
  }

  fill(name: string, body: string): void {
    this.#rules[Number(name.slice(1))] = `${name} ::= ${body}`;
  }

  /** Returns what `make` does; forgets the rules that it added when it throws, since llama.cpp checks those too that nothing names. */
  keptIfWhole<T>(make: () => T): T {
    const { length } = this.#rules;
    try {
      return make();
    } catch (problem) {
      this.#rules.length = length;
      throw problem;
    }
  }

  /** Counts what llama.cpp writes out, before it is made. Throws SchemaProblem when that gets too much. */
  count(parts: number): void {
    if (this.#parts + parts > maxParts)
      throw refused('#', `is too large: its grammar would have more than ${maxParts} parts`);
    this.#parts += parts;
  }

  /** Returns a text as GBNF quotes it, counted. */
  literal(text: string): string {
    this.count(text.length);
    return literal(text);
  }

  /** The grammar of a text that is `root`. */
  text(root: string): string {
    return [`root ::= ${root}`, ...this.#rules].join('\n') + jsonRules;
  }
}
