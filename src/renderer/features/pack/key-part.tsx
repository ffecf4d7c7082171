import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { packText as text } from '../../text/pack.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { createKey, usePack } from './pack-store.ts';

/** Chooses an existing signing key, or creates one. */
export function KeyPart({ mayWrite }: { mayWrite: boolean }) {
  const { keys, key, keyError } = usePack();
  const [name, setName] = useState('');
  if (!keys) return null;
  return (
    <Stack gap={12}>
      {keys.length === 0 ? (
        <Text>{text.noKey}</Text>
      ) : (
        <NativeSelect
          label={text.key}
          maw={320}
          value={key}
          onChange={(event) => usePack.setState({ key: event.currentTarget.value })}
          data={['', ...keys.map((one) => one.name)]}
        />
      )}
      <Group gap={8} align="flex-end">
        <TextInput
          label={text.newKey}
          value={name}
          maxLength={63}
          error={keyError !== undefined}
          disabled={!mayWrite}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button
          variant="default"
          disabled={!mayWrite || name.trim() === ''}
          onClick={() => void createKey(name.trim()).then((isMade) => isMade && setName(''))}
        >
          {text.makeKey}
        </Button>
      </Group>
      {keyError && <ErrorPanel error={keyError} />}
    </Stack>
  );
}
