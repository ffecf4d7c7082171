import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const assets = 'out/renderer/assets';
const styles = 'node_modules/@mantine/core/styles';
const classNames = (text: string) => new Set(text.match(/\bm_[0-9a-f]{6,8}\b/g));

function textOf(folder: string, ending: string): string {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending) && !name.endsWith('.layer.css'));
  return names.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
}

it('the built page has the styles of every component in it', () => {
  const used = classNames(textOf(assets, '.js'));
  const has = classNames(textOf(assets, '.css'));
  const lacking = readdirSync(styles).filter((name) => {
    if (name.endsWith('.layer.css')) return false;
    const own = classNames(readFileSync(join(styles, name), 'utf8'));
    return [...own].some((one) => used.has(one) && !has.has(one));
  });
  expect(used.size).toBeGreaterThan(100);
  expect(lacking).toEqual([]);
});
