import { PasswordInput } from '@mantine/core';
import { gitlabText as text } from '../text/gitlab.ts';

/** A field for a GitLab admin token. Stores nothing: the screen that shows it holds the value until a person leaves the screen. */
export function TokenField(props: { token: string; onChange(token: string): void; note?: string }) {
  const { token, onChange, note = text.tokenNote } = props;
  return (
    <PasswordInput
      label={text.token}
      description={note}
      value={token}
      maxLength={500}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
