import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useIsReadOnly, useMayWrite } from '../state/hello.ts';
import { answer, useWizard } from '../state/wizard.ts';
import { appText } from '../text/app.ts';
import { readinessText } from '../text/readiness.ts';
import { ReasonForm } from './reason-form.tsx';

const text = readinessText.override;

/** Lets a person override a red finding. Requires a reason, which the report includes. */
export function PassOver({ findingId }: { findingId: string }) {
  const overrides = useWizard((wizard) => wizard.state?.answers.overrides) ?? {};
  const mayWrite = useMayWrite();
  const [isAsking, setAsking] = useState(false);
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
          onClick={() => {
            setAsking(false);
            takeBack(overrides, findingId);
          }}
        >
          {text.back}
        </Button>
      </Group>
    );
  if (!isAsking)
    return (
      <div>
        <Button size="compact-sm" variant="default" disabled={!mayWrite} title={why} onClick={() => setAsking(true)}>
          {text.open}
        </Button>
      </div>
    );
  return (
    <ReasonForm
      label={text.label}
      text={{ give: text.keep, cancel: text.cancel, tooShort: text.tooShort }}
      mayGive
      give={(reason) => void answer({ overrides: { ...overrides, [findingId]: reason } })}
      cancel={() => setAsking(false)}
    />
  );
}

function takeBack(overrides: Record<string, string>, findingId: string): void {
  void answer({ overrides: Object.fromEntries(Object.entries(overrides).filter(([id]) => id !== findingId)) });
}
