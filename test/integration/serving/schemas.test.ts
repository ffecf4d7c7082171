import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { StartedPart } from '../../../src/main/core/serving/parts/start-part.ts';
import { ask, type ServingStage, send, servingStage } from '../../scenes/serving-stage.ts';

let stage: ServingStage;
let engine: StartedPart;
beforeAll(async () => {
  stage = await servingStage();
  engine = await stage.engine();
});
afterAll(() => stage.close());

async function answer(schema: unknown, more: object = {}) {
  const format = { type: 'json_schema', json_schema: { name: 'shape', schema, strict: true } };
  const body = { ...ask(), response_format: format, max_tokens: 1500, ...more };
  return send(engine, engine.address.token, '/v1/chat/completions', body);
}

const object = (properties: object, required: string[] = Object.keys(properties), more: object = {}) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
  ...more,
});
const short = { type: 'string', maxLength: 5 };
const person = object({ name: short, born: { type: 'integer', minimum: 0 } });

/** So many properties of one schema. */
const times = (count: number, schema: object) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, schema]));

// The model wants to say something else at each character: whatever is right here, the grammar makes right.
describe('an answer by a schema is valid by it', () => {
  it.each<[string, object]>([
    ['flat', person],
    ['with optional properties', object({ a: short, b: short, c: short }, ['b'])],
    ['with optional properties only', object({ a: short, b: short }, [])],
    ['nested, with lists', object({ people: { type: 'array', items: person, minItems: 1, maxItems: 2 } })],
    ['of alternatives', object({ of: { anyOf: [{ type: 'null' }, person, { type: 'boolean' }] } })],
    [
      'of several types',
      object({ of: { type: ['integer', 'null'] }, or: { type: ['boolean', 'string'], maxLength: 3 } }),
    ],
    ['of constants', object({ kind: { const: 'a "b" \\ \n ü' }, one: { enum: [1, 'two', null, { three: [3] }] } })],
    [
      'with references',
      { ...object({ a: { $ref: '#/$defs/o~1ne' }, b: { $ref: '#/$defs/o~1ne' } }), $defs: { 'o/ne': short } },
    ],
    ['that contains itself', object({ name: short, next: { anyOf: [{ type: 'null' }, { $ref: '#' }] } })],
    ['of a tuple', object({ pair: { type: 'array', prefixItems: [short, { type: 'integer' }], items: false } })],
    ['of bounded lists', object({ list: { type: 'array', items: { type: 'boolean' }, minItems: 3, maxItems: 3 } })],
    [
      'of bounded numbers',
      object({ month: { type: 'integer', minimum: 1, maximum: 12 }, share: { type: 'number', minimum: 0 } }),
    ],
    ['of bounded strings', object({ code: { type: 'string', minLength: 3, maxLength: 4 } })],
    [
      'without a type',
      { properties: { a: short }, required: ['a'], additionalProperties: false, title: 'A', description: 'b' },
    ],
    ['of as many constants as fit', object({ one: { enum: Array.from({ length: 3000 }, (_, at) => `${at}`) } })],
    ['that is a list', { type: 'array', items: { type: 'boolean' }, maxItems: 4 }],
  ])('%s', async (_name, schema) => {
    const valid = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    for (const seed of [1, 2, 3]) {
      const { status, json, text } = await answer(schema, { temperature: 2, seed });
      expect(status, text).toBe(200);
      const { message, finish_reason } = json.choices[0];
      expect(finish_reason, message.content).toBe('stop');
      expect(valid.safeParse(JSON.parse(message.content)).error, message.content).toBeUndefined();
    }
  });
});

it.each<[string, string, object]>([
  [
    'text and numbers',
    '{"greeting":"Hello from Sealift","count":3}',
    object({ greeting: { type: 'string' }, count: { type: 'integer' } }),
  ],
  ['a map', '{"a":true,"b":false}', { type: 'object', additionalProperties: { type: 'boolean' } }],
  ['anything', '{"a": [1, {"b": null}]}', {}],
  [
    'an older reference',
    '[true]',
    { type: 'array', items: { $ref: '#/definitions/a' }, definitions: { a: { type: 'boolean' } } },
  ],
])('a schema lets the model say what it wants where that is valid: %s', async (_name, said, schema) => {
  const fluent = await stage.engine({ sentence: said });
  const format = { type: 'json_schema', json_schema: { name: 'x', schema } };
  const { json } = await send(fluent, fluent.address.token, '/v1/chat/completions', {
    ...ask(),
    response_format: format,
  });
  expect(json.choices[0].message.content).toBe(said);
});

describe('a schema that cannot be kept to is refused by name', () => {
  it.each<[string, object, string]>([
    ['pattern', object({ a: { type: 'string', pattern: '^a' } }), '#/properties/a uses "pattern"'],
    ['not', { not: { type: 'null' } }, '# uses "not"'],
    ['oneOf', { oneOf: [{ type: 'null' }] }, '# uses "oneOf"'],
    ['several allOf', { allOf: [person, person] }, '# uses "allOf"'],
    ['patternProperties', { type: 'object', patternProperties: {} }, '# uses "patternProperties"'],
    ['uniqueItems', object({ a: { type: 'array', uniqueItems: true } }), '#/properties/a uses "uniqueItems"'],
    ['multipleOf', { type: 'integer', multipleOf: 3 }, '# uses "multipleOf"'],
    ['alternatives with a type', { type: 'object', anyOf: [person] }, '# uses "type"'],
    ['a bounded number', { type: 'number', maximum: 3 }, 'has a number range'],
    ['a wide range', { type: 'integer', minimum: 5 }, 'has an integer range'],
    ['constants with bounds', { enum: ['a'], minLength: 3 }, '# uses "minLength"'],
    ['an unknown type', { type: 'date' }, 'names a type that JSON does not have'],
    ['an unknown reference', object({ a: { $ref: '#/$defs/no' } }), 'refers to "#/$defs/no"'],
    ['a foreign reference', { $ref: 'https://schemas.example/a' }, 'refers to "https://schemas.example/a"'],
    ['a reference to itself', { $ref: '#' }, 'refers to itself alone'],
    [
      'references in a circle',
      {
        $ref: '#/$defs/a',
        $defs: { a: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/b' }] }, b: { $ref: '#/$defs/a' } },
      },
      'refers to itself alone',
    ],
    ['nothing', object({ a: false }), 'allows no value'],
    ['no schema', object({ a: 7 }), 'is not a schema'],
    ['a huge length', { type: 'string', maxLength: 1e9 }, 'not between 0 and 1000'],
    [
      'thousands of parts',
      object(Object.fromEntries(Array.from({ length: 6000 }, (_, at) => [`p${at}`, short]))),
      'is too large',
    ],
    ['thousands of constants', { enum: Array.from({ length: 6000 }, (_, at) => `c${at}`) }, 'is too large'],
    ['long constants', { enum: ['x'.repeat(30_000)] }, 'is too large'],
    ['many long strings', object(times(25, { type: 'string', maxLength: 1000 })), 'is too large'],
    ['many wide ranges', object(times(25, { type: 'integer', minimum: 0, maximum: 999 })), 'is too large'],
    ['many long lists', object(times(25, { type: 'array', items: short, minItems: 1000 })), 'is too large'],
  ])('%s', async (_name, schema, problem) => {
    const { status, json } = await answer(schema);
    expect([status, json.error.param, json.error.code]).toEqual([400, 'response_format', 'unsupported_value']);
    expect(json.error.message).toContain(problem);
  });
});
