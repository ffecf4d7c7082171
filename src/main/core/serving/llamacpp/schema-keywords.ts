import type { Json } from '../openai/json-object.ts';

/** Keywords that describe and do not restrict (JSON Schema 2020-12; `format` is one of them unless a reader says otherwise). */
const notes = ['$anchor', '$comment', '$defs', '$id', '$schema', 'default', 'definitions', 'deprecated', 'description'];
const moreNotes = ['examples', 'format', 'readOnly', 'strict', 'title', 'writeOnly'];
const isNote = (keyword: string) => notes.includes(keyword) || moreNotes.includes(keyword);

/** The keywords that the grammar of each type keeps to. */
const keywords: Record<string, readonly string[]> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  boolean: [],
  null: [],
};
export const typeNames: readonly string[] = Object.keys(keywords);

/** Thrown for a schema that no grammar can keep to; its message names the place in the schema and the reason. */
export class SchemaProblem extends Error {}

/** A problem of a schema at a place. */
export function refused(at: string, problem: string): SchemaProblem {
  const place = at.length > 200 ? `${at.slice(0, 200)}…` : at;
  return new SchemaProblem(`at ${place} ${problem}`);
}

/** Returns the types that a schema names or, without a name, those that its keywords belong to; all if there are none. */
export function typesOf(schema: Json, at: string): string[] {
  const named = [schema.type ?? []].flat();
  if (named.some((one) => !typeNames.includes(String(one)))) throw refused(at, 'names a type that JSON does not have');
  if (named.length > 0) return named.map(String);
  // Without a type such keywords restrict only values of theirs; a value of that type is always right.
  const meant = typeNames.filter((type) => keywords[type]?.some((keyword) => keyword in schema));
  return meant.length > 0 ? meant.slice(0, 1) : [];
}

/** Returns what a schema has that none of `types` has and that is not among `also`, notes apart, as a problem. */
export function otherKeyword(schema: Json, types: readonly string[], also: readonly string[]): string | undefined {
  const known = [...types.flatMap((type) => keywords[type] ?? []), ...also];
  // A keyword of another type says nothing about values of these types.
  const irrelevant = typeNames.flatMap((type) => keywords[type] ?? []);
  const other = Object.keys(schema).find(
    (keyword) => !isNote(keyword) && !known.includes(keyword) && !(types.length > 0 && irrelevant.includes(keyword)),
  );
  return other === undefined ? undefined : `uses "${other.slice(0, 64)}", which this engine cannot enforce`;
}
