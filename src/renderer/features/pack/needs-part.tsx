import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { gone } from '../../../shared/carry-out.ts';
import { timeText } from '../../../shared/time-text.ts';
import { packText as text } from '../../text/pack.ts';
import { PathField } from '../../ui/path-field.tsx';
import { addEntry, change, load, readNeeds, usePack } from './pack-store.ts';
import { SitePart } from './site-part.tsx';

const mostShown = 5;

/** Asks for the requirements: from a readiness file, from an existing BUNDLE.yaml, or typed. */
export function NeedsPart({ mayWrite }: { mayWrite: boolean }) {
  const { draft, problems } = usePack();
  return (
    <section aria-labelledby="pack-needs" className="sl-no-print">
      <Stack gap={12}>
        <Title order={2} id="pack-needs">
          {text.needs}
        </Title>
        <Text className="sl-quiet">{text.needsHow}</Text>
        <TextInput
          label={text.gitlab}
          description={text.gitlabHow}
          maw={240}
          value={draft.gitlab}
          maxLength={50}
          error={problems['requirements.gitlab'] ?? problems['site.gitlab']}
          onChange={(event) => change({ gitlab: event.currentTarget.value })}
        />
        <FileToRead label={text.readiness} endings={['.json']} verb={text.readNeeds} mayRead read={readNeeds} />
        <Fitting />
        <SitePart mayWrite={mayWrite} />
        <FileToRead label={text.existing} endings={['.yaml', '.yml']} verb={text.load} mayRead={mayWrite} read={load} />
      </Stack>
    </section>
  );
}

function FileToRead(props: {
  label: string;
  endings: readonly string[];
  verb: string;
  mayRead: boolean;
  read(path: string): Promise<void>;
}) {
  const { label, endings, verb, mayRead, read } = props;
  const [path, setPath] = useState('');
  return (
    <Group gap={8} align="flex-end">
      <PathField label={label} value={path} onChange={setPath} pick="file" endings={endings} atMedia />
      <Button variant="default" disabled={!mayRead || path.trim() === ''} onClick={() => void read(path.trim())}>
        {verb}
      </Button>
    </Group>
  );
}

/** Lists the models that fit the machine of the readiness file, best first. */
function Fitting() {
  const { models } = usePack();
  if (!models) return null;
  const { machine } = models;
  const fitting = models.models
    .filter((one) => one.hosting === 'self-hosted' && one.fit && one.fit.verdict !== 'does-not-fit')
    .slice(0, mostShown);
  return (
    <Stack gap={8} role="status">
      {machine && (
        <Text>
          {text.machine(
            machine.hostname === gone ? undefined : machine.hostname,
            machine.checkedAt ? timeText(machine.checkedAt) : '',
          )}
        </Text>
      )}
      {fitting.length === 0 && <Text>{text.noModel}</Text>}
      <ul className="sl-parts">
        {fitting.map((model) => (
          <li key={model.id}>
            <Group justify="space-between" gap={8}>
              <div className="sl-grow">
                <Text fw={600}>
                  {model.name}: {text.verdicts[model.fit?.verdict ?? 'not-known']}
                </Text>
                <Text size="sm">{model.fit?.reason}</Text>
                {model.hfRepo && (
                  <Text size="xs" className="sl-quiet">
                    {text.from(model.hfRepo)}
                  </Text>
                )}
              </div>
              <Button size="compact-sm" variant="default" onClick={() => addEntry('model', { name: model.id })}>
                {text.addModel(model.name)}
              </Button>
            </Group>
          </li>
        ))}
      </ul>
    </Stack>
  );
}
