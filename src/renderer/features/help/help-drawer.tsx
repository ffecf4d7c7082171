import { Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useRoute } from '../../state/route.ts';
import { appText } from '../../text/app.ts';
import { helpText as text } from '../../text/help.ts';
import { SideDrawer } from '../../ui/side-drawer.tsx';
import { ChapterView } from './chapter-view.tsx';
import { chapters } from './guide.ts';
import { KeysList } from './keys-list.tsx';
import { LanguageChoice } from './language-choice.tsx';
import { type Hit, searchGuide } from './search-guide.ts';
import './help.css';

/** The guide, the glossary and the keys, with search. Opens at the chapter of the screen that is shown. */
export default function HelpDrawer({ isOpen, close }: { isOpen: boolean; close(): void }) {
  return (
    <SideDrawer isOpen={isOpen} close={close} title={appText.help} width={480}>
      <Guide />
    </SideDrawer>
  );
}

const keysId = 'keys';
const languageId = 'language';

function Guide() {
  const place = useRoute((route) => route.place);
  const [shown, setShown] = useState<{ id: string; at?: number }>({ id: place });
  const [query, setQuery] = useState('');
  const chapter = chapters.find(({ id }) => id === shown.id);
  const open = (id: string, at = 0) => {
    setQuery('');
    setShown({ id, at });
  };
  return (
    <Stack gap={12}>
      <TextInput
        data-autofocus
        label={text.search}
        type="search"
        value={query}
        maxLength={200}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      {query.trim() === '' ? (
        <>
          <ChapterChoice id={shown.id} choose={(id) => setShown({ id })} />
          {chapter && <ChapterView key={shown.id} chapter={chapter} at={shown.at} open={open} />}
          {shown.id === keysId && <KeysList />}
          {shown.id === languageId && <LanguageChoice />}
        </>
      ) : (
        <Hits hits={searchGuide(chapters, query)} open={open} />
      )}
    </Stack>
  );
}

function ChapterChoice({ id, choose }: { id: string; choose(id: string): void }) {
  return (
    <label className="sl-beside sl-chapter-choice">
      {text.chapter}
      <select className="sl-site" value={id} onChange={(event) => choose(event.currentTarget.value)}>
        {chapters.map((one) => (
          <option key={one.id} value={one.id}>
            {one.title}
          </option>
        ))}
        <option value={keysId}>{text.keys}</option>
        <option value={languageId}>{text.language}</option>
      </select>
    </label>
  );
}

function Hits({ hits, open }: { hits: readonly Hit[]; open(id: string, at: number): void }) {
  return (
    <>
      <Text role="status" size="xs" className="sl-quiet">
        {hits.length === 0 ? text.none : text.found(hits.length)}
      </Text>
      <ul className="sl-hits">
        {hits.map(({ chapter, at, section, text: said }) => (
          <li key={`${chapter.id}-${at}`}>
            <button type="button" className="sl-link" onClick={() => open(chapter.id, at)}>
              {section.title ? text.hit(chapter.title, section.title) : chapter.title}
            </button>
            <Text size="xs" className="sl-quiet" lineClamp={2}>
              {said}
            </Text>
          </li>
        ))}
      </ul>
    </>
  );
}
