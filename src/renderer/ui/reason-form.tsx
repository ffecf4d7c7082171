import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';

const fewestCharacters = 3;

/** Asks for the reason why something is done anyway. `give` gets a reason of at least three characters, trimmed. */
export function ReasonForm(props: {
  label: string;
  text: { give: string; cancel: string; tooShort: string };
  mayGive: boolean;
  give(reason: string): void;
  cancel(): void;
}) {
  const { label, text, mayGive, give, cancel } = props;
  const [typed, setTyped] = useState('');
  const reason = typed.trim();
  const isEnough = reason.length >= fewestCharacters;
  return (
    <form
      className="sl-grow"
      onSubmit={(event) => {
        event.preventDefault();
        if (isEnough && mayGive) give(reason);
      }}
    >
      <Group gap={8} align="end">
        <TextInput
          className="sl-grow"
          label={label}
          value={typed}
          maxLength={500}
          autoFocus
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!isEnough || !mayGive} title={isEnough ? undefined : text.tooShort}>
          {text.give}
        </Button>
        <Button variant="subtle" onClick={cancel}>
          {text.cancel}
        </Button>
      </Group>
    </form>
  );
}
