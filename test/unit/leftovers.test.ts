import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { errorTable } from '../../src/shared/errors/table.ts';

// What knip can't see: names that are strings.
const texts = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(tsx?|css)$/.test(path))
  .map((path) => ({ path, text: readFileSync(join('src', path), 'utf8') }));
const joined = (isWanted: (path: string) => boolean) =>
  texts
    .filter(({ path }) => isWanted(path))
    .map(({ text }) => text)
    .join('\n');
const classes = (text: string) => new Set(text.match(/(?<![\w-])sl-[a-z][\w-]*/g));

it('every error is raised somewhere', () => {
  const raising = joined((path) => !path.startsWith('shared/errors/') || path.endsWith('errors-from.ts'));
  expect(Object.keys(errorTable).filter((code) => !raising.includes(`'${code}'`))).toEqual([]);
});

it('every class of the page has a style, and every style is used', () => {
  const used = classes(joined((path) => path.startsWith('renderer') && !path.endsWith('.css')));
  const styled = classes(joined((path) => path.endsWith('.css')));
  expect(styled.size).toBeGreaterThan(100);
  expect([...used].filter((one) => !styled.has(one))).toEqual([]);
  expect([...styled].filter((one) => !used.has(one))).toEqual([]);
});
