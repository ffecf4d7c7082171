import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useGitlabAsk } from '../../state/gitlab-ask.ts';
import { readinessText } from '../../text/readiness.ts';
import { PathField } from '../../ui/path-field.tsx';

const text = readinessText.gitlab;

/** Names a GitLab to include in checks. Collapsed, because most machines are checked before a GitLab is reachable. */
export function GitlabForm({ check, isRunning }: { check(): void; isRunning: boolean }) {
  const { url, caFile, tokenFile } = useGitlabAsk();
  return (
    <details>
      <summary>{text.open}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          check();
        }}
      >
        <Stack gap={12}>
          <Text className="sl-quiet">{text.lead}</Text>
          <TextInput
            label={text.url}
            placeholder="https://gitlab.example"
            value={url}
            maxLength={500}
            onChange={(event) => useGitlabAsk.setState({ url: event.currentTarget.value })}
          />
          <PathField
            label={text.caFile}
            description={text.caFileHow}
            value={caFile}
            onChange={(path) => useGitlabAsk.setState({ caFile: path })}
            pick="file"
          />
          <PathField
            label={text.tokenFile}
            description={text.tokenFileHow}
            value={tokenFile}
            onChange={(path) => useGitlabAsk.setState({ tokenFile: path })}
            pick="file"
          />
          <div>
            <Button type="submit" variant="default" disabled={url.trim() === '' || isRunning}>
              {text.check}
            </Button>
          </div>
        </Stack>
      </form>
    </details>
  );
}
