import { plainLine } from '../../../../shared/plain-text.ts';
import { badRequest } from '../openai/api-error.ts';
import { isObject, type Json } from '../openai/json-object.ts';
import { GrammarRules } from './grammar-rules.ts';
import { otherKeyword, refused, SchemaProblem, typesOf } from './schema-keywords.ts';
import { arrayRule, type InnerRules, integerRule, numberRule, textRule } from './schema-values.ts';

/** What a schema is for, and what becomes of those parts of it that no grammar can keep to. */
export interface SchemaUse {
  /** As in "The schema of the tool read_file". */
  what: string;
  /** The field of the request. */
  param: string;
  /** Told each part that is loosened, in one line for a log. Without it the schema is refused: the client was promised an answer that is valid by it. */
  onLoosened?: ((problem: string) => void) | undefined;
}

/**
 * Returns a grammar (GBNF) whose every text is JSON that is valid by a schema; some valid texts are left out, such as properties in
 * another order or that the schema does not name. Throws ApiError 400 for keywords that no grammar can keep to, for references that
 * are not local or lead nowhere, and for a grammar that llama.cpp could not handle, however small the schema is.
 */
export function schemaGrammar(schema: unknown): string {
  const rules = new GrammarRules();
  return rules.text(schemaRule(schema, rules, { what: 'The schema', param: 'response_format' }));
}

/** Adds the rules for a schema and returns an expression for its values. Throws ApiError 400 as `use` says. */
export function schemaRule(schema: unknown, rules: GrammarRules, use: SchemaUse): string {
  const told = use.onLoosened;
  const onLoosened = told && ((problem: SchemaProblem) => told(plainLine(`${use.what} ${problem.message}.`)));
  try {
    return rules.keptIfWhole(() => new SchemaGrammar(schema, rules, onLoosened).start());
  } catch (problem) {
    if (!(problem instanceof SchemaProblem)) throw problem;
    if (!onLoosened) throw badRequest(`${use.what} ${problem.message}.`, 'unsupported_value', use.param);
    onLoosened(problem);
    return looseRule(schema);
  }
}

/** Where in the schema, and the reference that is entered there before any character is written. */
interface Place {
  at: string;
  open: string | undefined;
}

class SchemaGrammar {
  readonly #root: unknown;
  readonly #rules: GrammarRules;
  readonly #onLoosened: ((problem: SchemaProblem) => void) | undefined;
  /** Names of the rules of references. */
  readonly #named = new Map<string, string>();
  /** From each reference to those that its rule may start with. */
  readonly #starts = new Map<string, Set<string>>();
  readonly #inner: InnerRules = {
    // A rule of its own, since a list names it twice.
    value: (schema, at) => this.#rules.add(this.#value(schema, { at, open: undefined })),
    rule: (body) => this.#rules.add(body),
    literal: (text) => this.#rules.literal(text),
    count: (parts) => this.#rules.count(parts),
  };

  constructor(root: unknown, rules: GrammarRules, onLoosened: ((problem: SchemaProblem) => void) | undefined) {
    this.#root = root;
    this.#rules = rules;
    this.#onLoosened = onLoosened;
  }

  start(): string {
    const start = this.#reference('#', { at: '#', open: undefined });
    this.#refuseLoops();
    return start;
  }

  /** An expression for the values of a schema; where it cannot be kept to and may be loosened, for all values of its types. */
  #value(schema: unknown, place: Place): string {
    try {
      return this.#exactly(schema, place);
    } catch (problem) {
      if (!(problem instanceof SchemaProblem) || !this.#onLoosened) throw problem;
      this.#onLoosened(problem);
      return looseRule(schema);
    }
  }

  #exactly(schema: unknown, place: Place): string {
    this.#rules.count(1);
    if (schema === true) return 'value';
    if (!isObject(schema)) throw refused(place.at, schema === false ? 'allows no value' : 'is not a schema');
    const { at } = place;
    if (typeof schema.$ref === 'string') {
      this.#refuseOthers(schema, [], ['$ref'], at);
      return this.#reference(schema.$ref, place);
    }
    if ('enum' in schema || 'const' in schema) return this.#constants(schema, at);
    if ('anyOf' in schema) return this.#alternatives(schema, 'anyOf', place);
    if ('allOf' in schema && Array.isArray(schema.allOf) && schema.allOf.length === 1)
      return this.#alternatives(schema, 'allOf', place);
    const types = typesOf(schema, at);
    this.#refuseOthers(schema, types, ['type'], at);
    if (types.length === 0) return 'value';
    return oneOf(types.map((type) => this.#ofType(schema, type, at)));
  }

  #ofType(schema: Json, type: string, at: string): string {
    switch (type) {
      case 'object':
        return this.#rules.add(this.#object(schema, at));
      case 'array':
        return this.#rules.add(arrayRule(schema, at, this.#inner));
      case 'string':
        return textRule(schema, at, this.#inner);
      case 'integer':
        return integerRule(schema, at, this.#inner);
      case 'number':
        return numberRule(schema, at);
      case 'boolean':
        return '("true" | "false")';
      default:
        return '"null"';
    }
  }

  #constants(schema: Json, at: string): string {
    this.#refuseOthers(schema, [], ['type', 'const' in schema ? 'const' : 'enum'], at);
    const all = 'const' in schema ? [schema.const] : schema.enum;
    if (!Array.isArray(all) || all.length === 0) throw refused(at, 'has an "enum" without values');
    const types = typesOf(schema, at);
    const fit = all.filter((one) => types.length === 0 || types.some((type) => isOfType(one, type)));
    if (fit.length === 0) throw refused(at, 'allows no value');
    return this.#rules.add(fit.map((one) => this.#rules.literal(JSON.stringify(one))).join(' | '));
  }

  #alternatives(schema: Json, keyword: 'anyOf' | 'allOf', { at, open }: Place): string {
    this.#refuseOthers(schema, [], [keyword], at);
    const all = schema[keyword];
    if (!Array.isArray(all) || all.length === 0) throw refused(at, `has an "${keyword}" without schemas`);
    return oneOf(all.map((one, index) => this.#value(one, { at: `${at}/${keyword}/${index}`, open })));
  }

  /** One rule for each property, as it is written first or after another one; optional ones may be skipped. */
  #object(schema: Json, at: string): string {
    const { properties = {}, required = [], additionalProperties: more = true } = schema;
    if (!isObject(properties)) throw refused(at, 'has a "properties" that is not an object');
    if (!Array.isArray(required)) throw refused(at, 'has a "required" that is not a list');
    const names = [...new Set([...Object.keys(properties), ...required.map(String)])];
    if (names.length === 0) return this.#map(more, at);
    const isRequired = (name: string) => required.includes(name);
    let first = '""';
    let next = '""';
    for (const name of names.toReversed()) {
      const value = Object.hasOwn(properties, name) ? properties[name] : more;
      if (value === false && !isRequired(name)) continue;
      const inner = this.#value(value, { at: `${at}/properties/${name}`, open: undefined });
      const pair = this.#rules.add(`${this.#rules.literal(`${JSON.stringify(name)}:`)} ws ${inner} ws`);
      const rest = next;
      next = this.#rules.add(isRequired(name) ? `"," ws ${pair} ${rest}` : `("," ws ${pair})? ${rest}`);
      first = this.#rules.add(isRequired(name) ? `${pair} ${rest}` : `${pair} ${rest} | ${first}`);
    }
    return `"{" ws ${first} "}"`;
  }

  #map(values: unknown, at: string): string {
    if (values === false) return '"{" ws "}"';
    if (values === true) return 'object';
    const pair = this.#rules.add(
      `string ":" ws ${this.#value(values, { at: `${at}/additionalProperties`, open: undefined })} ws`,
    );
    return `"{" ws (${pair} ("," ws ${pair})*)? "}"`;
  }

  #reference(ref: string, { at, open }: Place): string {
    if (open !== undefined) this.#starts.get(open)?.add(ref);
    const known = this.#named.get(ref);
    if (known !== undefined) return known;
    const target = pointed(this.#root, ref);
    if (target === undefined) throw refused(at, `refers to "${ref.slice(0, 100)}", which is not in it`);
    const name = this.#rules.reserve();
    this.#named.set(ref, name);
    this.#starts.set(ref, new Set());
    this.#rules.fill(name, this.#value(target, { at: ref, open: ref }));
    return name;
  }

  /** Refuses a schema with a keyword that its types do not have; in one that may be loosened it is left out. */
  #refuseOthers(schema: Json, types: readonly string[], also: readonly string[], at: string): void {
    const other = otherKeyword(schema, types, also);
    if (other === undefined) return;
    const problem = refused(at, other);
    if (!this.#onLoosened) throw problem;
    this.#onLoosened(problem);
  }

  /** A rule that starts with itself would be expanded for ever. */
  #refuseLoops(): void {
    for (const ref of this.#starts.keys()) {
      const seen = new Set<string>();
      const open = [...(this.#starts.get(ref) ?? [])];
      for (let one = open.pop(); one !== undefined; one = open.pop()) {
        if (one === ref) throw refused(ref, 'refers to itself alone');
        if (seen.has(one)) continue;
        seen.add(one);
        open.push(...(this.#starts.get(one) ?? []));
      }
    }
  }
}

/** All values of the types that a schema names. */
function looseRule(schema: unknown): string {
  const { type } = isObject(schema) ? schema : {};
  const rules = [type].flat().map((one) => looseRules.get(one) ?? 'value');
  return rules.includes('value') ? 'value' : oneOf(rules);
}

const looseRules: ReadonlyMap<unknown, string> = new Map([
  ['object', 'object'],
  ['array', 'array'],
  ['string', 'string'],
  ['integer', '("-"? natural)'],
  ['number', 'number'],
  ['boolean', '("true" | "false")'],
  ['null', '"null"'],
]);

function oneOf(expressions: string[]): string {
  return expressions.length === 1 ? (expressions[0] as string) : `(${expressions.join(' | ')})`;
}

/** The part of a schema that a local reference points to, as in #/$defs/name. */
function pointed(root: unknown, ref: string): unknown {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let part = root;
  for (const piece of ref.slice(2).split('/')) {
    const name = piece.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, name)) return undefined;
    part = (part as Json)[name];
  }
  return part;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
