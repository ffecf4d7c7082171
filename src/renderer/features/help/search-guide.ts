import type { Block, Chapter, Inline, Section } from './chapter.ts';

/** A section that has every word of a query. `text` is all that it says. */
export interface Hit {
  chapter: Chapter;
  /** Position of the section in its chapter. */
  at: number;
  section: Section;
  text: string;
}

/** Returns the sections with every word of the query, or words that begin so: those with them in their headings first, then those with the whole phrase. */
export function searchGuide(chapters: readonly Chapter[], query: string): Hit[] {
  const phrase = spaced(query).trimEnd();
  if (phrase === '') return [];
  const words = phrase.trim().split(' ');
  const has = (text: string) => words.every((word) => spaced(text).includes(` ${word}`));
  const rank = ({ chapter, section, text }: Hit) => {
    if (has(`${chapter.title} ${section.title}`)) return 0;
    return spaced(text).includes(phrase) ? 1 : 2;
  };
  return chapters
    .flatMap((chapter) =>
      chapter.sections.map((section, at) => ({ chapter, at, section, text: section.blocks.map(textOf).join(' ') })),
    )
    .filter(({ chapter, section, text }) => has(`${chapter.title} ${section.title} ${text}`))
    .sort((a, b) => rank(a) - rank(b));
}

/* In lower case, with one space around each word. */
function spaced(text: string): string {
  return ` ${text} `.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ');
}

function textOf(block: Block): string {
  if (block.kind === 'code') return block.lines;
  return (block.kind === 'text' ? [block.line] : block.items).map((line) => line.map(plain).join('')).join(' ');
}

function plain(piece: Inline): string {
  if (typeof piece === 'string') return piece;
  return 'code' in piece ? piece.code : 'strong' in piece ? piece.strong : piece.text;
}
