import { Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { appText } from '../text/app.ts';

/** Copies a text, and confirms it for two seconds, also to screen readers. `of` names what is copied. */
export function CopyButton({ text, of }: { text: string; of: string }) {
  const clipboard = useClipboard({ timeout: 2000 });
  return (
    <Button
      className="sl-whole"
      size="compact-xs"
      variant="default"
      aria-label={`${appText.copy}: ${of}`}
      onClick={() => clipboard.copy(text)}
    >
      <span aria-live="polite">{clipboard.copied ? appText.copied : appText.copy}</span>
    </Button>
  );
}
