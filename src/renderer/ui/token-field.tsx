import { PasswordInput } from '@mantine/core';
import { gitlabText as text } from '../text/gitlab.ts';

/** Where an admin token of GitLab is typed. It is kept by nobody: whoever shows the field holds it until the screen is left. */
export function TokenField({ token, onChange }: { token: string; onChange(token: string): void }) {
  return (
    <PasswordInput
      label={text.token}
      description={text.tokenNote}
      value={token}
      maxLength={500}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
