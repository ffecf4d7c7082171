import { PasswordInput } from '@mantine/core';
import type { Ref } from 'react';
import { gitlabText as text } from '../text/gitlab.ts';

/** A field for a GitLab admin token. Stores nothing: the screen that shows it holds the value until a person leaves the screen. */
export function TokenField(props: {
  token: string;
  onChange(token: string): void;
  note?: string;
  error?: string | undefined;
  ref?: Ref<HTMLInputElement>;
}) {
  const { token, onChange, note = text.tokenNote, error, ref = null } = props;
  return (
    <PasswordInput
      label={text.token}
      description={note}
      error={error}
      ref={ref}
      value={token}
      maxLength={500}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
