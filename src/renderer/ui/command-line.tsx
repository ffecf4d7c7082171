import { Group } from '@mantine/core';
import { CopyButton } from './copy-button.tsx';

/** A command to copy. Wraps, never cuts. */
export function CommandLine({ command }: { command: string }) {
  return (
    <Group gap={8} wrap="nowrap" align="flex-start">
      <code className="sl-mono">{command}</code>
      <CopyButton text={command} of={command} />
    </Group>
  );
}
