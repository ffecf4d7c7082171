import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useJob } from '../../state/use-job.ts';
import { answer, useWizard } from '../../state/wizard.ts';
import { appText } from '../../text/app.ts';
import { deployText as text } from '../../text/deploy.ts';
import { PathField } from '../../ui/path-field.tsx';
import { Problems } from './problems.tsx';
import { SiteForm } from './site-form.tsx';

/** Shows the path and problems of the site file. While editing, also the form and a field for an existing file. */
export function SiteSource({ isEditing, edit }: { isEditing: boolean; edit(isEditing: boolean): void }) {
  const state = useWizard((wizard) => wizard.state);
  if (!state) return <Text>{appText.loading}</Text>;
  const { site } = state;
  return (
    <Stack gap={12}>
      {site && (
        <Group gap={8}>
          <Text>
            {text.savedAt}: <code className="sl-mono">{site.path}</code>
          </Text>
          {!isEditing && (
            <Button size="compact-sm" variant="default" onClick={() => edit(true)}>
              {text.change}
            </Button>
          )}
        </Group>
      )}
      {site && site.problems.length > 0 && <Problems problems={site.problems} />}
      {isEditing && (
        <>
          <section aria-labelledby="site-settings">
            <Stack gap={12}>
              <Title order={2} id="site-settings">
                {site ? text.siteSettings : text.newSite}
              </Title>
              <Text className="sl-quiet">{text.describeLead}</Text>
              {site?.content?.models ? (
                <Text>{text.severalModels}</Text>
              ) : (
                <SiteForm key={site?.path ?? ''} state={state} close={() => edit(false)} />
              )}
            </Stack>
          </section>
          <section aria-labelledby="existing-site-file">
            <Stack gap={12}>
              <Title order={2} id="existing-site-file">
                {text.existingFile}
              </Title>
              <ExistingFile isFirst={site === null} close={() => edit(false)} />
            </Stack>
          </section>
        </>
      )}
    </Stack>
  );
}

function ExistingFile({ isFirst, close }: { isFirst: boolean; close(): void }) {
  const [path, setPath] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void answer({ siteFile: path.trim() }).then(close);
      }}
    >
      <Stack gap={12}>
        {isFirst && <SimulatedSite fill={setPath} />}
        <Group align="end" gap={8}>
          <PathField label={text.filePath} value={path} onChange={setPath} pick="file" endings={['.yaml', '.yml']} />
          <Button type="submit" variant="default" disabled={path.trim() === ''}>
            {text.use}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Where to find the site file of a SIMULATED GitLab, which the form can't describe: it is that of a kept rehearsal. */
function SimulatedSite({ fill }: { fill(path: string): void }) {
  const kept = useJob('rehearse', 'run').result?.kept;
  return (
    <Group gap={8}>
      <Text className="sl-quiet">{text.practise}</Text>
      {kept && (
        <Button size="compact-sm" variant="default" onClick={() => fill(kept.siteFile)}>
          {text.fillKept}
        </Button>
      )}
    </Group>
  );
}
