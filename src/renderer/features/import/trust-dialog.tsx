import { Button, Group, List, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ShownError } from '../../state/shown-error.ts';
import { importText as text } from '../../text/import.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { type Comparison, compareFingerprint } from './fingerprint-compare.ts';
import { override, trust } from './import-store.ts';

type KeyOfMedia = { words: string; keyId: string };

/**
 * Asks for the fingerprint received over another channel, and trusts the signing key if it matches. Never shows the fingerprint of the
 * media, because people would copy it instead of asking.
 */
export function TrustDialog(props: { keyOfMedia: KeyOfMedia; isOpen: boolean; close(): void }) {
  const { keyOfMedia, isOpen, close } = props;
  const answer = useFingerprint(keyOfMedia, close);
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      size="lg"
      title={text.trustTitle}
      closeButtonProps={{ 'aria-label': text.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void answer.submit();
        }}
      >
        <Stack gap={12}>
          <List>
            {text.trustHow.map((line) => (
              <List.Item key={line}>{line}</List.Item>
            ))}
          </List>
          <FingerprintField {...answer} />
          <TextInput
            label={text.label}
            description={text.labelHow}
            value={answer.label}
            maxLength={100}
            onChange={(event) => answer.setLabel(event.currentTarget.value)}
          />
          {answer.error && <ErrorPanel error={answer.error} />}
          <Group justify="flex-end">
            <Button type="submit">{text.compare}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Holds what was typed and compares it with the key of the media. Kept while the dialog is closed. */
function useFingerprint(keyOfMedia: KeyOfMedia, close: () => void) {
  const [typed, setTyped] = useState('');
  const [label, setLabel] = useState('');
  const [isAsked, setAsked] = useState(false);
  const [error, setError] = useState<ShownError>();
  const comparison = compareFingerprint(typed, keyOfMedia);
  const type = (words: string) => {
    setTyped(words);
    setAsked(false);
  };
  const submit = async () => {
    setAsked(true);
    if (comparison.kind !== 'same') return;
    const refused = await trust(typed, label.trim());
    setError(refused);
    if (!refused) close();
  };
  return { typed, type, label, setLabel, isAsked, error, comparison, submit };
}

/** A field for words or digits. Counts them while typing, and after submitting says which are wrong. */
function FingerprintField(props: {
  typed: string;
  type(words: string): void;
  comparison: Comparison;
  isAsked: boolean;
}) {
  const { typed, type, comparison, isAsked } = props;
  return (
    <>
      <Textarea
        label={text.typed}
        value={typed}
        onChange={(event) => type(event.currentTarget.value)}
        minRows={3}
        autosize
        autoComplete="off"
        spellCheck={false}
        maxLength={1000}
        classNames={{ input: 'sl-mono' }}
        error={isAsked ? problemOf(comparison) : undefined}
        data-autofocus
      />
      <Text size="sm" className="sl-quiet" aria-live="polite">
        {comparison.kind === 'short' ? text.short(comparison.given, comparison.of, comparison.unit) : ''}
      </Text>
    </>
  );
}

function problemOf(comparison: Comparison): string | undefined {
  if (comparison.kind === 'same') return undefined;
  if (comparison.kind === 'differs') return text.differs(comparison.positions, comparison.unit);
  const { given, of, unit } = comparison;
  return unit === 'digits' ? `${text.short(given, of, unit)} ${text.shortDigits}` : text.short(given, of, unit);
}

/** Asks for a reason to use media without a trusted key. */
export function OverrideDialog({ isOpen, close }: { isOpen: boolean; close(): void }) {
  const [reason, setReason] = useState('');
  const [isAsked, setAsked] = useState(false);
  const isShort = reason.trim().length < 3;
  const submit = () => {
    setAsked(true);
    if (isShort) return;
    override(reason.trim());
    close();
  };
  return (
    <Modal opened={isOpen} onClose={close} title={text.overrideTitle} closeButtonProps={{ 'aria-label': text.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap={12}>
          <Text>{text.overrideHow}</Text>
          <TextInput
            label={text.reason}
            value={reason}
            maxLength={500}
            onChange={(event) => setReason(event.currentTarget.value)}
            error={isAsked && isShort ? text.reasonShort : undefined}
            data-autofocus
          />
          <Group justify="flex-end">
            <Button type="submit" color="red">
              {text.overrideNow}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
