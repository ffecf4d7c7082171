import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { modelCatalog } from '../../../src/main/core/catalog/model-catalog.ts';
import { hardwareCatalog } from '../../../src/main/core/hardware/hardware-catalog.ts';

type Node = Record<string, unknown>;
const schemas = { models: modelCatalog, hardware: hardwareCatalog };
const read = (name: keyof typeof schemas) => parse(readFileSync(`resources/catalog/${name}.yaml`, 'utf8'));

/** Paths of all objects of a file that have a source, one for each shape. */
function sourced(name: keyof typeof schemas): string[][] {
  const found = new Map<string, string[]>();
  const walk = (node: unknown, path: string[]) => {
    if (typeof node !== 'object' || node === null) return;
    if (!Array.isArray(node) && 'source' in node)
      found.set(path.map((one) => one.replace(/^\d+$/, '*')).join('.'), path);
    for (const [key, value] of Object.entries(node)) walk(value, [...path, key]);
  };
  walk(read(name), []);
  return [...found.values()];
}

function mutated(name: keyof typeof schemas, path: string[], change: (node: Node) => void): unknown {
  const data = read(name);
  change(path.reduce<Node>((node, key) => node[key] as Node, data));
  return data;
}

const rows = (Object.keys(schemas) as (keyof typeof schemas)[]).flatMap((name) =>
  sourced(name).map((path) => [name, path.join('.'), path] as const),
);

describe.each(rows)('%s.yaml, %s', (name, _title, path) => {
  const accepts = (change: (node: Node) => void) => schemas[name].safeParse(mutated(name, path, change)).success;

  it('is accepted as it is', () => expect(accepts(() => undefined)).toBe(true));
  it('is refused without its source', () =>
    expect(accepts((node) => Reflect.deleteProperty(node, 'source'))).toBe(false));
  it('is refused with an empty source', () =>
    expect(accepts((node) => Object.assign(node, { source: '' }))).toBe(false));
  it('is refused with a key that is not known', () =>
    expect(accepts((node) => Object.assign(node, { sorce: 'x' }))).toBe(false));
});

describe('models.yaml', () => {
  const withWeights: string[] = [
    'models',
    String(read('models').models.findIndex((one: Node) => one.weights)),
    'weights',
  ];
  const withFlags: string[] = ['models', String(read('models').models.findIndex((one: Node) => one.vllm)), 'vllm'];
  const refuses = (path: string[], change: Node) =>
    expect(modelCatalog.safeParse(mutated('models', path, (node) => Object.assign(node, change))).success).toBe(false);

  it.each([
    ['a word that is no text', ['models', '0', 'support', '0'], { chat: true }],
    ['a page that is no version', ['models', '0', 'support', '0'], { page: 'latest' }],
    ['an argument of vLLM that is not on the list', withFlags, { flags: ['--download-dir /tmp'] }],
    ['a value of an argument that is not on the list', withFlags, { flags: ['--load-format mistral --seed 1'] }],
    ['a switch with a value', withFlags, { flags: ['--trust-remote-code yes'] }],
    ['a hosting that does not exist', ['models', '0'], { hosting: 'basement' }],
    ['a family that GitLab does not have', ['models', '0'], { familyEnum: 'PARROT' }],
    ['a meaning of a word that does not exist', ['words'], { Perhaps: 'maybe' }],
    ['negative bytes', withWeights, { bytes: -1 }],
    ['derived weights without formula', withWeights, { basis: 'derived' }],
    ['listed weights with a formula', withWeights, { formula: 'a guess' }],
    ['a key at the top', [], { extra: 1 }],
  ] as [string, string[], Node][])('is refused with %s', (_title, path, change) => refuses(path, change));
});
