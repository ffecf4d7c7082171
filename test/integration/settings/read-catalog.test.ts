import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parsedCatalogName, readCatalog } from '../../../src/main/core/settings/read-catalog.ts';
import { builtWorkers } from '../../run-sealift.ts';

const yaml = Buffer.from('size: 1 # of the page\n');

/** An installed tree whose build parsed one file, with `json` as its value. */
let tree = '';
beforeEach(async () => {
  tree = await mkdtemp(join(tmpdir(), 'sealift-catalog-'));
  await mkdir(join(tree, 'resources/catalog'), { recursive: true });
  await mkdir(join(tree, 'out/main/catalog'), { recursive: true });
  await writeFile(join(tree, 'resources/catalog/sizes.yaml'), yaml);
});
afterEach(() => rm(tree, { recursive: true }));

const built = (json: string) => writeFile(join(tree, 'out/main/catalog', parsedCatalogName(yaml)), json);
const read = () => readCatalog(join(tree, 'resources'), 'sizes.yaml', z.strictObject({ size: z.int() }));

it('reads what the build parsed, as long as the YAML is the one that it parsed', async () => {
  await built('{"size":7}');
  expect(await read()).toEqual({ size: 7 });
  await writeFile(join(tree, 'resources/catalog/sizes.yaml'), `${yaml}\n`);
  expect(await read()).toEqual({ size: 1 });
});

it.each(['{"size":7', ''])('parses the YAML where that is damaged: %j', async (json) => {
  await built(json);
  expect(await read()).toEqual({ size: 1 });
});

it('checks what the build parsed like the YAML', async () => {
  await built('{"size":"large"}');
  await expect(read()).rejects.toMatchObject({ code: 'catalog.damaged' });
});

it('finds the value of each file of the catalogue in the build', async () => {
  for (const file of await readdir('resources/catalog')) {
    const text = await readFile(join('resources/catalog', file));
    const json = await readFile(join(builtWorkers, 'catalog', parsedCatalogName(text)), 'utf8');
    expect(JSON.parse(json), file).toEqual(parse(text.toString()));
  }
});
