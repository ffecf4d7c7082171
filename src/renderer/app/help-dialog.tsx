import { Kbd, Modal, Stack, Title } from '@mantine/core';
import { appText } from '../text/app.ts';
import { Facts } from '../ui/facts.tsx';
import { useOpened } from '../ui/use-opened.ts';

/** Explains the keyboard shortcuts and the terms that the screens use. */
export default function HelpDialog({ isOpen, close }: { isOpen: boolean; close(): void }) {
  const opened = useOpened(isOpen);
  return (
    <Modal
      opened={opened}
      onClose={close}
      size="lg"
      title={appText.help}
      closeButtonProps={{ 'aria-label': appText.close }}
    >
      <Stack gap={12}>
        <Title order={3}>{appText.keys}</Title>
        <Facts rows={appText.keyRows.map(([key, what]) => [<Keys key={key} keys={key} />, what])} />
        <Title order={3}>{appText.terms}</Title>
        <Facts rows={appText.termRows} />
      </Stack>
    </Modal>
  );
}

/** One cap per key, with the word between two of them outside. */
function Keys({ keys }: { keys: string }) {
  const [first, next] = keys.split(appText.nextKey);
  return (
    <>
      <Kbd>{first}</Kbd>
      {next && (
        <>
          {appText.nextKey}
          <Kbd>{next}</Kbd>
        </>
      )}
    </>
  );
}
