import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadVariants } from '../../../src/main/core/catalog/llama-variants.ts';

describe('the builds of llama.cpp for GPUs', async () => {
  const { release, variants } = await loadVariants(resolve('resources'));
  const packages = variants.flatMap((one) => one.packages);

  it('belong to the node-llama-cpp that is installed, which loads no other version', () => {
    const { version } = JSON.parse(readFileSync('node_modules/node-llama-cpp/package.json', 'utf8'));
    expect(release).toBe(version);
    for (const { name, url } of packages) {
      const file = `${name.split('/')[1]}-${release}.tgz`;
      expect(url).toBe(`https://registry.npmjs.org/${name}/-/${file}`);
    }
  });

  it('have packages that node-llama-cpp imports', () => {
    const imported = readFileSync('node_modules/node-llama-cpp/dist/bindings/utils/compileLLamaCpp.js', 'utf8');
    for (const { name } of packages) expect(imported).toContain(`import("${name}")`);
  });
});
