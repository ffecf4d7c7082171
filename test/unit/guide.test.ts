import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGuide } from '../../scripts/read-guide.ts';
import type { Chapter, Inline } from '../../src/renderer/features/help/chapter.ts';
import { searchGuide } from '../../src/renderer/features/help/search-guide.ts';
import { places } from '../../src/renderer/state/places.ts';

const chapters = filesIn('docs/guide').map(([name, text]) => readGuide(name.replace('.md', ''), text));
const words = filesIn('src/renderer/text')
  .map(([, text]) => text)
  .join('\n');

describe('the guide', () => {
  it('has a chapter for each screen, and a glossary in alphabetical order', () => {
    expect(chapters.map(({ id }) => id).sort()).toEqual([...places, 'glossary'].sort());
    const terms = chapters.find(({ id }) => id === 'glossary')?.sections.slice(1);
    expect(terms?.map(({ title }) => title)).toEqual(terms?.map(({ title }) => title).sort());
    expect(terms?.every(({ blocks }) => blocks.length > 0)).toBe(true);
  });

  it.each(chapters.map((one) => [one.id, one] as const))(
    'names in %s only what the window and the guide have',
    (_, chapter) => {
      const pieces = linesOf(chapter).flat();
      const names = pieces.flatMap((one) => (typeof one === 'object' && 'strong' in one ? [one.strong] : []));
      const links = pieces.flatMap((one) => (typeof one === 'object' && 'chapter' in one ? [one.chapter] : []));
      expect(names.filter((one) => !words.includes(one))).toEqual([]);
      expect(links.filter((one) => !chapters.some(({ id }) => id === one))).toEqual([]);
      expect(new Set(chapter.sections.map(({ title }) => title)).size).toBe(chapter.sections.length);
    },
  );

  it('is read as headings, paragraphs, lists and code, line breaks apart', () => {
    const text =
      '# T\n\na `b` **c**\nd [e](home.md)\n\n## S\n\n1. one\n   more\n2. two\n\n- x\n- y\n\n```sh\nsealift probe <x>\n```\n';
    expect(readGuide('t', text)).toEqual({
      id: 't',
      title: 'T',
      sections: [
        {
          title: '',
          blocks: [
            { kind: 'text', line: ['a ', { code: 'b' }, ' ', { strong: 'c' }, ' d ', { text: 'e', chapter: 'home' }] },
          ],
        },
        {
          title: 'S',
          blocks: [
            { kind: 'list', isOrdered: true, items: [['one more'], ['two']] },
            { kind: 'list', isOrdered: false, items: [['x'], ['y']] },
            { kind: 'code', lines: 'sealift probe <x>' },
          ],
        },
      ],
    });
  });

  it.each([
    ['no title', 'text'],
    ['HTML', '# T\n\n<img src=x onerror=alert(1)>'],
    ['an entity', '# T\n\na &lt; b'],
    ['a picture', '# T\n\n![x](home.md)'],
    ['a link out of the guide', '# T\n\n[x](https://example.org)'],
    ['a bare address', '# T\n\nhttps://example.org'],
    ['another link', '# T\n\n[x](../README.md)'],
    ['emphasis', '# T\n\n*x*'],
    ['a deeper heading', '# T\n\n### x'],
    ['a heading without a blank line after it', '# T\n\n## x\ntext'],
    ['a quote', '# T\n\n> x'],
    ['a table', '# T\n\n| a | b |'],
    ['a list in a paragraph', '# T\n\ntext\n- x'],
    ['a list in a list', '# T\n\n- x\n  - y'],
    ['an open fence', '# T\n\n```\nx'],
  ])('refuses %s', (_, text) => {
    expect(() => readGuide('t', text)).toThrow(/^t[.]md: /);
  });
});

describe('searching the guide', () => {
  const found = (query: string) =>
    searchGuide(chapters, query).map(({ chapter, section }) => [chapter.id, section.title]);

  it('finds sections with every word, those with them in the heading first', () => {
    expect(found('fingerprint')[0]).toEqual(['glossary', 'Fingerprint']);
    expect(found('FINGER phone impor')).toContainEqual(['import', 'Before you start: check the fingerprint']);
    expect(found('Check now…')[0]).toEqual(['gitlab', 'You do these']);
    expect(found('sealift trace')).toEqual([
      ['deploy', "The gateway's log in a folder"],
      ['probe', 'When a hop fails'],
    ]);
  });

  it.each(['', '   ', 'zzzz', 'fingerprint zzzz'])('finds nothing for "%s"', (query) => {
    expect(found(query)).toEqual([]);
  });
});

function filesIn(folder: string): [name: string, text: string][] {
  const files = readdirSync(folder).filter((name) => /[.](md|ts)$/.test(name));
  return files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
}

function linesOf({ sections }: Chapter): Inline[][] {
  return sections.flatMap(({ blocks }) =>
    blocks.flatMap((one) => (one.kind === 'code' ? [] : one.kind === 'text' ? [one.line] : one.items)),
  );
}
