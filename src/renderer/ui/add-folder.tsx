import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { addMediaDir } from '../state/media.ts';
import { importText as text } from '../text/import.ts';
import { PathField } from './path-field.tsx';

/** A form that adds a folder to the watched media. */
export function AddFolder({ mayWrite }: { mayWrite: boolean }) {
  const [path, setPath] = useState('');
  const add = async (added: string) => {
    setPath(added);
    // A different path may have been typed while the request was pending.
    if (await addMediaDir(added.trim())) setPath((now) => (now === added ? '' : now));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add(path);
      }}
    >
      <Group gap={8} align="flex-end">
        <PathField
          label={text.add}
          description={text.addHow}
          value={path}
          onChange={setPath}
          take={(chosen) => void add(chosen)}
          pick="folder"
          atMedia
          disabled={!mayWrite}
        />
        <Button type="submit" variant="default" disabled={!mayWrite || path.trim() === ''}>
          {text.addNow}
        </Button>
      </Group>
    </form>
  );
}
