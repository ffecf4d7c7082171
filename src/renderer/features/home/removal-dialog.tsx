import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useMayWrite } from '../../state/hello.ts';
import { appText } from '../../text/app.ts';
import { homeText as text } from '../../text/home.ts';
import { considerRemoval, leaveRemoval, removeSite, useHome } from './home-store.ts';

/** Shows what uninstalling removes and keeps. Continues only after the site's name is typed. */
export default function RemovalDialog() {
  const removal = useHome((home) => home.removal);
  const [typed, setTyped] = useState('');
  const mayWrite = useMayWrite();
  if (!removal) return null;
  const { site, keeping } = removal;
  const removes = [...removal.removes, ...(removal.engineObjects ?? [])];
  const close = () => {
    setTyped('');
    leaveRemoval();
  };
  return (
    <Modal
      opened
      onClose={close}
      title={text.removeTitle(site)}
      size="lg"
      closeButtonProps={{ 'aria-label': appText.close }}
    >
      <Stack gap={12}>
        {(['keepWeights', 'keepImages'] as const).map((what) => (
          <Checkbox
            key={what}
            label={text[what]}
            checked={keeping[what]}
            onChange={(event) => void considerRemoval(site, { ...keeping, [what]: event.currentTarget.checked })}
          />
        ))}
        <Consequences removes={removes} keeps={removal.keeps} />
        <TextInput
          label={text.typeName(site)}
          value={typed}
          maxLength={100}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={close}>
            {text.back}
          </Button>
          <Button
            color="red"
            disabled={typed !== site || !mayWrite}
            onClick={() => {
              setTyped('');
              void removeSite(site, keeping);
            }}
          >
            {text.removeNow(removes.length)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Consequences({ removes, keeps }: { removes: string[]; keeps: { path: string; reason: string }[] }) {
  return (
    <>
      <Text fw={600}>{text.removes}</Text>
      <ul className="sl-list">
        {removes.map((path) => (
          <li key={path} className="sl-mono">
            {path}
          </li>
        ))}
      </ul>
      {keeps.length > 0 && <Text fw={600}>{text.keeps}</Text>}
      <ul className="sl-list">
        {keeps.map((one) => (
          <li key={one.path}>
            <span className="sl-mono">{one.path}</span>: {one.reason}
          </li>
        ))}
      </ul>
    </>
  );
}
