import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { StartedPart } from '../../../src/main/core/serving/parts/start-part.ts';
import { type Answer, ask, eventData, type ServingStage, send, servingStage } from '../../scenes/serving-stage.ts';
import { toolTemplate } from '../../scenes/tool-template.ts';

let stage: ServingStage;
let engine: StartedPart;
beforeAll(async () => {
  stage = await servingStage();
  engine = await stage.engine({ chatTemplate: toolTemplate });
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

const shapes: [string, object][] = [
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
  ['of a long list', object({ list: { type: 'array', items: { type: 'boolean' }, maxItems: 1000 } })],
  [
    'without a type',
    { properties: { a: short }, required: ['a'], additionalProperties: false, title: 'A', description: 'b' },
  ],
  ['of as many constants as fit', object({ one: { enum: Array.from({ length: 3000 }, (_, at) => `${at}`) } })],
  ['that is a list', { type: 'array', items: { type: 'boolean' }, maxItems: 4 }],
];

/** Throws unless the text is JSON that is valid by the schema. */
function expectValid(text: string, schema: object): void {
  const valid = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  expect(valid.safeParse(JSON.parse(text)).error, text).toBeUndefined();
}

// The model wants to say something else at each character: whatever is right here, the grammar makes right.
describe('an answer by a schema is valid by it', () => {
  it.each(shapes)('%s', async (_name, schema) => {
    for (const seed of [1, 2, 3]) {
      const { status, json, text } = await answer(schema, { temperature: 2, seed });
      expect(status, text).toBe(200);
      const { message, finish_reason } = json.choices[0];
      expect(finish_reason, message.content).toBe('stop');
      expectValid(message.content, schema);
    }
  });
});

const tool = (name: string, parameters: object | undefined, more: object = {}) => ({
  type: 'function',
  function: { name, parameters, ...more },
});

async function calls(tools: object[], more: object): Promise<Answer> {
  const body = { ...ask(), tools, tool_choice: 'required', temperature: 2, max_tokens: 1500, ...more };
  return send(engine, engine.address.token, '/v1/chat/completions', body);
}

describe('a forced call has arguments that are valid by the schema of its tool', () => {
  // The schema is part of the prompt.
  const objects = shapes.filter(
    ([, schema]) => (!('type' in schema) || schema.type === 'object') && JSON.stringify(schema).length < 1000,
  );
  it.each(objects)('%s', async (_name, schema) => {
    const tools = [tool('shaped', schema), tool('other', object({ of: short }))];
    const named = { type: 'function', function: { name: 'shaped' } };
    for (const [seed, tool_choice] of ['required', 'any', named].entries()) {
      const { json, text } = await calls(tools, { tool_choice, seed, parallel_tool_calls: false });
      const [call] = json.choices?.[0].message.tool_calls ?? [];
      expect(call, text).toBeDefined();
      const { name } = call.function;
      expect(seed === 2 ? 'shaped' : 'shaped or other').toContain(name);
      expectValid(call.function.arguments, name === 'shaped' ? schema : object({ of: short }));
    }
    const { text } = await calls(tools, { tool_choice: named, seed: 4, parallel_tool_calls: false, stream: true });
    const [streamed] = eventData(text).flatMap((one) => one.choices?.[0]?.delta.tool_calls ?? []);
    expectValid(streamed.function.arguments, schema);
  });

  it('one after the other', async () => {
    const schema = object({ on: { type: 'boolean' } });
    let most = 0;
    for (const seed of [1, 2, 3]) {
      const { json } = await calls([tool('switch', schema)], { seed, max_tokens: 300 });
      const { message } = json.choices[0];
      for (const one of message.tool_calls ?? []) expectValid(one.function.arguments, schema);
      most = Math.max(most, message.tool_calls?.length ?? 0);
    }
    expect(most).toBeGreaterThan(0);
  });

  const id = { type: 'string', pattern: '^a', maxLength: 5 };
  const odd = object({ id, count: { type: 'integer', minimum: 5 } });
  const loosened = object({ id: short, count: { type: 'integer' } });
  it('as far as a grammar can keep to it, and the log names the rest', async () => {
    const { json, text } = await calls([tool('odd', odd)], { seed: 1, parallel_tool_calls: false });
    expect(json.choices?.[0].message.tool_calls, text).toHaveLength(1);
    expectValid(json.choices[0].message.tool_calls[0].function.arguments, loosened);
    const log = expect.poll(() => stage.log());
    await log.toContain('Not enforced: The schema of the tool odd at #/properties/id uses "pattern"');
    await log.toContain('Not enforced: The schema of the tool odd at #/properties/count has an integer range');
  });

  it.each<[string, object]>([
    [
      'a reference to itself',
      object({ a: { $ref: '#/$defs/a' } }, ['a'], { $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } } }),
    ],
    ['many long strings', object(times(25, { type: 'string', maxLength: 1000 }))],
    ['alternatives', { anyOf: [person, object({})] }],
    ['no schema', object({ a: 7 })],
  ])('or is an object at least (%s)', async (_name, schema) => {
    const { json, text } = await calls([tool('odd', schema)], { temperature: 0, max_tokens: 300 });
    expect(json.choices, text).toBeDefined();
    expect(json.choices[0].finish_reason).toMatch(/^(tool_calls|length)$/);
  });

  it.each<[string, object, string]>([
    ['pattern', object({ id }), 'The schema of the tool odd at #/properties/id uses "pattern"'],
    ['anyOf', { anyOf: [person] }, 'The schema of the tool odd uses "anyOf" for the arguments as a whole'],
  ])('and a strict one is refused for what cannot be kept to: %s', async (_name, schema, problem) => {
    const { status, json } = await calls([tool('odd', schema, { strict: true })], {});
    expect([status, json.error.param, json.error.code]).toEqual([400, 'tools', 'unsupported_value']);
    expect(json.error.message).toContain(problem);
  });
});

it.each<[string, string, object]>([
  [
    'text and numbers',
    '{"greeting":"Hello from Sealift","count":3}',
    object({ greeting: { type: 'string' }, count: { type: 'integer' } }),
  ],
  ['a long text', '{"text":"Hello"}', object({ text: { type: 'string', maxLength: 1000 } })],
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
