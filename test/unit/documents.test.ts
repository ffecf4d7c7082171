import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Files and folders of this repository that a document names in backticks; those with a placeholder are left out. */
function namedPaths(document: string): string[] {
  const named = [...readFileSync(document, 'utf8').matchAll(/`((?:src|test|resources|scripts|docs|core)\/[\w./-]+)`/g)];
  return [...new Set(named.map(([, path = '']) => path.replace(/^core\//, 'src/main/core/')))];
}

describe('the documents', () => {
  it.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/bundles.md'])(
    'name only files that exist: %s',
    (document) => {
      const paths = namedPaths(document);
      expect(paths.length).toBeGreaterThan(0);
      expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    },
  );

  const core = 'src/main/core';
  const folders = (folder: string) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
  const { forbidden }: { forbidden: { name: string; to: { pathNot?: string[] } }[] } = createRequire(import.meta.url)(
    resolve('.dependency-cruiser.cjs'),
  );

  /** The rooms as ARCHITECTURE.md draws them: the names of a row, and whether the first is a room with the others in it. */
  function drawnRows(): { names: string[]; isOneRoom: boolean }[] {
    const [, drawing = ''] = /## Rooms\n.*?\n```\n(.*?)\n```/s.exec(readFileSync('ARCHITECTURE.md', 'utf8')) ?? [];
    const width = drawing.indexOf('what a person asks for');
    return drawing.split('\n').map((line) => {
      const drawn = line.slice(0, width).trim();
      return { names: drawn.split(/[\s/]+/), isOneRoom: drawn.includes('/') };
    });
  }

  it('draw every room with its folders, and none below a room that it may use', () => {
    const rows = drawnRows();
    const levels = new Map(
      rows.flatMap(({ names, isOneRoom }, level) =>
        names.slice(0, isOneRoom ? 1 : undefined).map((one) => [one, level]),
      ),
    );
    expect([...levels.keys()].sort()).toEqual(folders(core).sort());
    for (const { names, isOneRoom } of rows)
      if (isOneRoom) expect(names.slice(1).sort()).toEqual(folders(`${core}/${names[0]}`).sort());
    const upwards = forbidden.flatMap(({ name, to }) => {
      const room = name.replace(/^room-/, '');
      const allowed = levels.has(room) ? (/\((.*)\)/.exec(to.pathNot?.[0] ?? '')?.[1] ?? '').split('|') : [];
      return allowed
        .filter((one) => Number(levels.get(one)) < Number(levels.get(room)))
        .map((one) => `${room} → ${one}`);
    });
    expect(upwards).toEqual([]);
  });
});
