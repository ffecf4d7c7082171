import { Text, Title } from '@mantine/core';
import { helpText as text } from '../../text/help.ts';
import { chooseLanguage, type Language, language, languages } from '../../text/language.ts';

/** Chooses the language of the window. The page is loaded again at once. */
export function LanguageChoice() {
  return (
    <article className="sl-chapter">
      <Title order={3} size="h2">
        {text.language}
      </Title>
      <label className="sl-beside sl-chapter-choice">
        {text.languageOf}
        <select
          className="sl-site"
          value={language}
          onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}
        >
          {Object.entries(languages).map(([id, name]) => (
            <option key={id} value={id} lang={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Text size="xs" className="sl-quiet">
        {text.languageHow}
      </Text>
    </article>
  );
}
