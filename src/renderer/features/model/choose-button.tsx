import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Verdict } from '../../../shared/contract/estimate.ts';
import { useIsReadOnly, useMayWrite } from '../../state/hello.ts';
import { modelText as text } from '../../text/model.ts';
import { needsReason } from './model-choice.ts';

/** Chooses the model that is shown. One that is not certain to fit is chosen only with a reason. */
export function ChooseButton(props: {
  name: string;
  isChosen: boolean;
  isKept: boolean;
  verdict: Verdict | undefined;
  choose(reason?: string): void;
}) {
  const { name, isChosen, isKept, verdict, choose } = props;
  const mayWrite = useMayWrite();
  const isReadOnly = useIsReadOnly();
  const [reason, setReason] = useState<string>();
  const isAsked = reason !== undefined && needsReason(verdict) && !isKept;
  const isEnough = (reason?.trim().length ?? 0) >= 3;
  const maySubmit = isEnough && mayWrite;
  if (!isAsked)
    return (
      <Button
        disabled={!mayWrite || isKept}
        title={isReadOnly ? text.readOnly : undefined}
        onClick={() => (needsReason(verdict) ? setReason('') : choose())}
      >
        {isChosen ? text.keep(name) : text.choose(name)}
      </Button>
    );
  return (
    <form
      className="sl-grow"
      onSubmit={(event) => {
        event.preventDefault();
        if (!maySubmit) return;
        choose(reason.trim());
        setReason(undefined);
      }}
    >
      <Group gap={8} align="end">
        <TextInput
          className="sl-grow"
          label={text.reason[verdict](name)}
          value={reason}
          maxLength={500}
          autoFocus
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!maySubmit} title={isEnough ? undefined : text.reasonTooShort}>
          {text.chooseAnyway(name)}
        </Button>
        <Button variant="subtle" onClick={() => setReason(undefined)}>
          {text.cancelReason}
        </Button>
      </Group>
    </form>
  );
}
