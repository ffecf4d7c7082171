import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import type { ShownError } from '../../state/shown-error.ts';
import { packText as text } from '../../text/pack.ts';
import { PathField } from '../../ui/path-field.tsx';
import { EntryForm } from './entry-form.tsx';
import { addEntry, change, usePack } from './pack-store.ts';

/** Asks for the name and contents of the bundle. `refusal`: why the last plan was refused. */
export function ContentsPart({ refusal }: { refusal: ShownError | undefined }) {
  const { draft, problems } = usePack();
  return (
    <section aria-labelledby="pack-contents" className="sl-no-print">
      <Stack gap={12}>
        <Title order={2} id="pack-contents">
          {text.contents}
        </Title>
        <TextInput
          label={text.bundleName}
          description={text.bundleNameHow}
          value={draft.name}
          maxLength={63}
          error={problems.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <TextInput
          label={text.note}
          value={draft.note}
          maxLength={1000}
          error={problems['requirements.note']}
          onChange={(event) => change({ note: event.currentTarget.value })}
        />
        <PathField
          label={text.installers}
          description={text.installersHow}
          value={draft.installers}
          onChange={(installers) => change({ installers })}
          pick="folder"
          error={problems.installers}
        />
        {draft.entries.length === 0 && <Text>{text.noContents}</Text>}
        {draft.entries.map((entry, index) => (
          <EntryForm key={entry.id} entry={entry} index={index} problems={problems} refusal={refusal} />
        ))}
        <Group gap={8}>
          {(['model', 'image', 'files'] as const).map((kind) => (
            <Button key={kind} variant="default" onClick={() => addEntry(kind)}>
              {text.add[kind]}
            </Button>
          ))}
        </Group>
      </Stack>
    </section>
  );
}
