import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
/* The desktop packages add it themselves, to the bill of materials too. */
const runtime = 'electron';

/** The packages whose code or files the build takes from the sources: what is only a type leaves nothing in it. */
function shippedPackages(): Set<string> {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((one) =>
    /[.](tsx?|css|mjs)$/.test(one),
  );
  const typesOnly = /^(?:im|ex)port type [^;]*;$/gm;
  const taken =
    /^(?:import|export|\}).* from '([^']+)';$|^import '([^']+)';$|\bimport\('([^']+)'\)|\burl\("([^"]+)"\)/gm;
  const names = files
    .flatMap((file) => [...readFileSync(join('src', file), 'utf8').replaceAll(typesOnly, '').matchAll(taken)])
    .map((found) => found.slice(1).find((name) => name !== undefined) ?? '')
    .filter((name) => /^@?[a-z]/.test(name) && !/^(node|data):/.test(name) && !builtinModules.includes(name))
    .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
  return new Set(names);
}

// NOTICES.txt and the bill of materials are made from the dependencies: the licence of anything else would be missing there.
it('names as a dependency whatever the build takes in', () => {
  const shipped = shippedPackages();
  expect([...shipped]).toEqual(expect.arrayContaining(['react', '@tabler/icons-react', '@fontsource-variable/inter']));
  expect([...shipped].filter((name) => name !== runtime && !(name in dependencies))).toEqual([]);
});
