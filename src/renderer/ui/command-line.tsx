import { Group } from '@mantine/core';
import { useRunnable } from './commands-about.tsx';
import { CopyButton } from './copy-button.tsx';

/** A complete command with a copy button. Wraps, and is never truncated. */
export function CommandLine({ command }: { command: string }) {
  const whole = useRunnable()(command);
  return (
    <Group gap={8} wrap="nowrap" align="flex-start">
      <code className="sl-mono">{whole}</code>
      <CopyButton text={whole} of={whole} />
    </Group>
  );
}
