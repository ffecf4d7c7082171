import type { Json } from '../openai/json-object.ts';
import { refused } from './schema-keywords.ts';

/** The longest repetition or range. */
const maxRepeats = 1000;

/** What the values of a schema use of its grammar. */
export interface InnerRules {
  /** Returns the name of a rule for a schema at a place. */
  value(schema: unknown, at: string): string;
  /** Returns the name of a rule. */
  rule(body: string): string;
  /** Returns a quoted text, and counts it. */
  literal(text: string): string;
  /** Counts what llama.cpp writes out once for each time. Throws when the grammar gets too large. */
  count(parts: number): void;
}

/** Returns an expression for a string between its bounds, which count code points. */
export function textRule(schema: Json, at: string, inner: InnerRules): string {
  const [min, max] = bounds(schema, 'minLength', 'maxLength', at);
  return String.raw`"\"" char${repeats(min, max, inner)} "\""`;
}

/** Returns the body of a rule for an array. */
export function arrayRule(schema: Json, at: string, inner: InnerRules): string {
  const { value, rule } = inner;
  const [min, max] = bounds(schema, 'minItems', 'maxItems', at);
  const { prefixItems = [], items = true } = schema;
  if (!Array.isArray(prefixItems)) throw refused(at, 'has a "prefixItems" that is not a list');
  const fixed = prefixItems
    .slice(0, max ?? prefixItems.length)
    .map((one, index) => value(one, `${at}/prefixItems/${index}`));
  const isFull = items === false || (max !== undefined && max <= fixed.length);
  if (isFull && min > fixed.length) throw refused(at, 'allows no value');
  const head = fixed.map((one) => `${one} ws`).join(' "," ws ');
  if (isFull) return `"[" ws ${head} "]"`;
  const one = value(items, `${at}/items`);
  // What is repeated is the name of a rule: llama.cpp refuses a thousand times anything longer.
  const another = rule(`"," ws ${one} ws`);
  const [least, most] = [Math.max(0, min - fixed.length), max === undefined ? undefined : max - fixed.length];
  if (fixed.length > 0) return `"[" ws ${head} ${another}${repeats(least, most, inner)} "]"`;
  const list = `${one} ws ${another}${repeats(Math.max(0, least - 1), most === undefined ? undefined : most - 1, inner)}`;
  return least === 0 ? `"[" ws (${list})? "]"` : `"[" ws ${list} "]"`;
}

/** Returns an expression for an integer: any, from 0, from 1, or in a range of at most 1000 values. */
export function integerRule(schema: Json, at: string, inner: InnerRules): string {
  const low = integerBound(schema, 'minimum', 'exclusiveMinimum', 1, at);
  const high = integerBound(schema, 'maximum', 'exclusiveMaximum', -1, at);
  if (low === undefined && high === undefined) return '"-"? natural';
  if (high === undefined && low !== undefined && low <= 1 && low >= 0) return low === 0 ? 'natural' : 'positive';
  if (low === undefined || high === undefined || high - low >= maxRepeats)
    throw refused(
      at,
      `has an integer range that this engine cannot enforce: it can do a minimum of 0 or 1, or up to ${maxRepeats} values`,
    );
  if (high < low) throw refused(at, 'allows no value');
  return `(${Array.from({ length: high - low + 1 }, (_, step) => inner.literal(String(low + step))).join(' | ')})`;
}

/** Returns an expression for a number: any, or from 0. */
export function numberRule(schema: Json, at: string): string {
  const bounding = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].filter((one) => one in schema);
  if (bounding.length === 0) return 'number';
  if (bounding.length > 1 || schema.minimum !== 0)
    throw refused(at, 'has a number range that this engine cannot enforce: it can do a minimum of 0');
  return 'unsigned';
}

function integerBound(schema: Json, plain: string, exclusive: string, step: number, at: string): number | undefined {
  const all = [schema[plain], schema[exclusive]].filter((one) => one !== undefined);
  if (all.some((one) => !Number.isSafeInteger(one)) || all.length > 1)
    throw refused(at, 'has an integer bound that is not one whole number');
  if (all.length === 0) return undefined;
  return exclusive in schema ? Number(schema[exclusive]) + step : Number(schema[plain]);
}

function bounds(schema: Json, least: string, most: string, at: string): [min: number, max: number | undefined] {
  const min = schema[least] ?? 0;
  const max = schema[most];
  for (const one of [min, max ?? 0])
    if (!Number.isInteger(one) || Number(one) < 0 || Number(one) > maxRepeats)
      throw refused(at, `has a "${least}" or "${most}" that is not between 0 and ${maxRepeats}`);
  if (max !== undefined && Number(max) < Number(min)) throw refused(at, 'allows no value');
  return [Number(min), max === undefined ? undefined : Number(max)];
}

function repeats(min: number, max: number | undefined, inner: InnerRules): string {
  inner.count(max ?? min);
  if (max !== undefined) return `{${min},${max}}`;
  return min === 0 ? '*' : `{${min},}`;
}
