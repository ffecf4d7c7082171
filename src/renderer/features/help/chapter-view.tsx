import { Stack, Text, Title } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { CommandLine } from '../../ui/command-line.tsx';
import type { Block, Chapter, Inline } from './chapter.ts';

/** Shows a chapter. With `at`, its section of that position gets the focus and comes into view. */
export function ChapterView(props: { chapter: Chapter; at?: number | undefined; open(chapter: string): void }) {
  const { chapter, at, open } = props;
  const here = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (at === undefined) return;
    here.current?.focus({ preventScroll: true });
    here.current?.scrollIntoView({ block: 'start' });
  }, [at]);
  return (
    <article className="sl-chapter">
      <Title order={3} size="h2" tabIndex={-1} ref={at === 0 ? here : null}>
        {chapter.title}
      </Title>
      {chapter.sections.map((section, index) => (
        <section key={section.title}>
          {section.title && (
            <Title order={4} size="h3" tabIndex={-1} ref={at === index ? here : null}>
              {section.title}
            </Title>
          )}
          <Stack gap={8}>
            {section.blocks.map((block) => (
              <Shown key={JSON.stringify(block)} block={block} open={open} />
            ))}
          </Stack>
        </section>
      ))}
    </article>
  );
}

function Shown({ block, open }: { block: Block; open(chapter: string): void }) {
  if (block.kind === 'code') return <CommandLine command={block.lines} />;
  if (block.kind === 'text')
    return (
      <Text>
        <Line pieces={block.line} open={open} />
      </Text>
    );
  const List = block.isOrdered ? 'ol' : 'ul';
  return (
    <List className="sl-list">
      {block.items.map((item) => (
        <li key={JSON.stringify(item)}>
          <Line pieces={item} open={open} />
        </li>
      ))}
    </List>
  );
}

function Line({ pieces, open }: { pieces: readonly Inline[]; open(chapter: string): void }) {
  return pieces.map((piece) => {
    if (typeof piece === 'string') return piece;
    const key = JSON.stringify(piece);
    if ('code' in piece)
      return (
        <code key={key} className="sl-mono">
          {piece.code}
        </code>
      );
    if ('strong' in piece) return <strong key={key}>{piece.strong}</strong>;
    return (
      <button key={key} type="button" className="sl-link" onClick={() => open(piece.chapter)}>
        {piece.text}
      </button>
    );
  });
}
