import { existsSync, readFileSync } from 'node:fs';
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
});
