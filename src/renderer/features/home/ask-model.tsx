import { Button, Group, NativeSelect, Stack, Text, Textarea } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { homeText as text } from '../../text/home.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { ask, stopAsking, useQuestion } from './question-store.ts';

const maxChars = 10_000;

/** One question field for a model of a site, and its answer as it is written. `models`: those to choose from, where there are several. */
export function AskModel({ site, models = [] }: { site: string; models?: readonly string[] | undefined }) {
  const [question, setQuestion] = useState('');
  const [chosen, setChosen] = useState('');
  // A later deployment may have taken the chosen one away.
  const model = models.includes(chosen) ? chosen : models[0];
  const asked = useQuestion((state) => state[site]);
  // No one reads the rest of an answer whose page is left.
  useEffect(() => () => stopAsking(site), [site]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void ask(site, question.trim(), model);
  };
  return (
    <Stack gap={8} component="form" onSubmit={submit}>
      {model !== undefined && (
        <NativeSelect
          label={text.askedModel}
          data={[...models]}
          value={model}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
      )}
      <Textarea
        aria-label={text.question}
        description={text.questionAbout}
        autosize
        maxRows={6}
        maxLength={maxChars}
        value={question}
        onChange={(event) => setQuestion(event.currentTarget.value)}
      />
      <Group gap={8}>
        <Button type="submit" variant="default" disabled={question.trim() === '' || asked?.isWriting === true}>
          {text.ask}
        </Button>
        {asked?.isWriting && (
          <Button variant="default" onClick={() => stopAsking(site)}>
            {text.stopAsking}
          </Button>
        )}
      </Group>
      {asked?.error && <ErrorPanel error={asked.error} />}
      {asked && !asked.error && (
        <div aria-live="polite" aria-busy={asked.isWriting}>
          {asked.thinking !== '' && <Text className="sl-quiet sl-said">{asked.thinking}</Text>}
          <Text className="sl-said">{asked.answer === '' && asked.isWriting ? text.waiting : asked.answer}</Text>
          {asked.figures && (
            <Text size="xs" className="sl-quiet">
              {asked.figures}
            </Text>
          )}
        </div>
      )}
    </Stack>
  );
}
