import type { Block, Chapter, Inline } from '../src/renderer/features/help/chapter.ts';

/**
 * Reads a page of the guide. Knows the Markdown that the guide uses: headings of two levels, paragraphs, flat lists, fenced code,
 * `code`, **names in the window** and links to other pages. Throws at anything else, so that the window shows what other readers of the
 * file show.
 */
export function readGuide(id: string, markdown: string): Chapter {
  const [first = '', ...rest] = markdown.trim().split(/\n{2,}/);
  const title = /^# (.+)$/.exec(first)?.[1];
  if (!title) throw new Error(`${id}.md: begin with "# " and a title`);
  const sections: Chapter['sections'] = [{ title: '', blocks: [] }];
  for (const block of rest) {
    const heading = /^## (.+)$/.exec(block)?.[1];
    if (heading) sections.push({ title: heading, blocks: [] });
    else sections.at(-1)?.blocks.push(blockOf(id, block));
  }
  return { id, title, sections };
}

function blockOf(id: string, block: string): Block {
  const fenced = /^```\w*\n([\s\S]*)\n```$/.exec(block)?.[1];
  if (fenced !== undefined && !fenced.includes('```')) return { kind: 'code', lines: fenced };
  const isOrdered = /^\d+\. /.test(block);
  if (!isOrdered && !block.startsWith('- ')) return { kind: 'text', line: lineOf(id, block) };
  const items = block.split(isOrdered ? /(?:^|\n)\d+\. / : /(?:^|\n)- /).slice(1);
  return { kind: 'list', isOrdered, items: items.map((item) => lineOf(id, item)) };
}

const marked = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\((\w+)\.md\)/g;
const notKnown = /[`*_[\]<!]|&\w+;|https?:|^ *(#|>|\||[-+] |\d+\. )/m;

function lineOf(id: string, text: string): Inline[] {
  const line = text.replaceAll(/\n */g, ' ');
  if (notKnown.test(text.replaceAll(marked, ''))) throw new Error(`${id}.md: the window can't show: ${line}`);
  const pieces: Inline[] = [];
  let end = 0;
  for (const found of line.matchAll(marked)) {
    const [whole, code, strong, linked = '', chapter = ''] = found;
    pieces.push(line.slice(end, found.index), code ? { code } : strong ? { strong } : { text: linked, chapter });
    end = found.index + whole.length;
  }
  return [...pieces, line.slice(end)].filter((piece) => piece !== '');
}
