import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { readinessText as text } from '../../text/readiness.ts';

/** A form that writes a file to a path on this machine. Shows the allowed endings when the path has another. */
export function FileForm(props: {
  label: string;
  example: string;
  endings: readonly string[];
  button: string;
  isRunning: boolean;
  write(path: string): void;
}) {
  const [path, setPath] = useState('');
  const isGood = props.endings.some((one) => path.toLowerCase().endsWith(one) && path.length > one.length);
  const problem = path !== '' && !isGood ? text.needsEnding(props.endings.join(' or ')) : undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isGood) props.write(path);
      }}
    >
      <Group gap={8} align="start">
        <TextInput
          className="sl-grow"
          label={props.label}
          placeholder={props.example}
          value={path}
          maxLength={4096}
          error={problem}
          onChange={(event) => setPath(event.currentTarget.value)}
        />
        <Button type="submit" mt={22} disabled={!isGood || props.isRunning}>
          {props.button}
        </Button>
      </Group>
    </form>
  );
}
