import { Button, Group, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useIsReadOnly, useMayWrite } from '../state/hello.ts';
import { answer, useWizard } from '../state/wizard.ts';
import { appText } from '../text/app.ts';
import { readinessText } from '../text/readiness.ts';

const text = readinessText.override;

/** Lets a person override a red finding. Requires a reason, which the report includes. */
export function PassOver({ findingId }: { findingId: string }) {
  const overrides = useWizard((wizard) => wizard.state?.answers.overrides) ?? {};
  const mayWrite = useMayWrite();
  const [reason, setReason] = useState<string>();
  const given = Object.hasOwn(overrides, findingId) ? overrides[findingId] : undefined;
  const why = useIsReadOnly() ? appText.heldByAnother : undefined;
  if (given !== undefined)
    return (
      <Group gap={8} role="status">
        <Text className="sl-look">▲ {text.passed(given)}</Text>
        <Button
          size="compact-sm"
          variant="subtle"
          disabled={!mayWrite}
          title={why}
          onClick={() => takeBack(overrides, findingId)}
        >
          {text.back}
        </Button>
      </Group>
    );
  if (reason === undefined)
    return (
      <div>
        <Button size="compact-sm" variant="default" disabled={!mayWrite} title={why} onClick={() => setReason('')}>
          {text.open}
        </Button>
      </div>
    );
  const isEnough = reason.trim().length >= 3;
  const keep = () => isEnough && void answer({ overrides: { ...overrides, [findingId]: reason.trim() } });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        keep();
      }}
    >
      <Group gap={8} align="end">
        <TextInput
          className="sl-grow"
          label={text.label}
          value={reason}
          maxLength={500}
          autoFocus
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!isEnough} title={isEnough ? undefined : text.tooShort}>
          {text.keep}
        </Button>
        <Button variant="subtle" onClick={() => setReason(undefined)}>
          {text.cancel}
        </Button>
      </Group>
    </form>
  );
}

function takeBack(overrides: Record<string, string>, findingId: string): void {
  void answer({ overrides: Object.fromEntries(Object.entries(overrides).filter(([id]) => id !== findingId)) });
}
