import { describe, expect, it } from 'vitest';
import { checkJsonShape, type JsonLimits, parseJson } from '../../../src/main/core/files/parse-json.ts';

const limits: JsonLimits = { depth: 4, values: 20, hasUniqueNames: true };
const parse = (text: string, change: Partial<JsonLimits> = {}) =>
  parseJson(Buffer.from(text), { ...limits, ...change });

describe('parseJson', () => {
  it.each([
    '{}',
    '[]',
    '"text"',
    '7',
    'null',
    '{"a":{"b":{"c":[1,2,3]}}}',
    '{"a":"{[,:]}","b":"\\"","c":"\\\\"}',
    '[{"a":1},{"a":2}]',
    '{"a":["a","a"],"b":{"a":"a"}}',
    '{"a":"b","b":"a"}',
    '{ "ä" : [ "\\u00e4" , "😀" ] }\n',
  ])('returns what JSON.parse returns for %s', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['deep lists', '['.repeat(5), 'more than 4 levels'],
    ['deep objects', '{"a":'.repeat(5), 'more than 4 levels'],
    ['many entries', `[${'1,'.repeat(30)}1]`, 'more than 20 values'],
    ['many empty objects', `[${'{},'.repeat(30)}{}]`, 'more than 20 values'],
    ['many members', `{${Array.from({ length: 30 }, (_, index) => `"${index}":1`).join()}}`, 'more than 20 values'],
    ['many escaped quotes', `"${'\\"'.repeat(30)}"`, 'more than 20 values'],
    ['endless white space', ' '.repeat(2000), 'mostly not text'],
    ['an endless number', '1'.repeat(2000), 'mostly not text'],
    ['an endless name', `{"${'a'.repeat(10_001)}":1}`, 'endless name'],
    ['a member twice', '{"a":1,"b":{},"a":2}', 'names "a" twice'],
    ['a member twice, escaped', '{"a":1,"\\u0061":2}', 'names "a" twice'],
    ['a member twice, further in', '[{"b":{"a":1,"a":2}}]', 'names "a" twice'],
    ['a text without end', '{"a":"b', 'not JSON'],
    ['a text that ends in a backslash', '"a\\"', 'not JSON'],
    ['a broken name', '{"\\x":1}', 'not JSON'],
    ['brackets that do not match', '[}', 'not JSON'],
    ['no JSON', 'nonsense', 'not JSON'],
    ['nothing', '', 'not JSON'],
  ])('refuses %s', (_what, text, problem) => {
    expect(() => parse(text)).toThrow(SyntaxError);
    expect(() => parse(text)).toThrow(problem);
  });

  it('accepts a member twice where the reader is the only one', () => {
    expect(parse('{"a":1,"a":2}', { hasUniqueNames: false })).toEqual({ a: 2 });
  });
});

describe('checkJsonShape', () => {
  it('finds the texts of the outermost members only', () => {
    const found: Record<string, string> = {};
    const bytes = Buffer.from('{"a":"x","b":{"a":"y"},"c":["z"],"d":"\\"q","e":1}');
    checkJsonShape(bytes, limits, (name, start, end) => {
      found[name] = bytes.toString('utf8', start, end);
    });
    expect(found).toEqual({ a: 'x', d: '\\"q' });
  });
});
