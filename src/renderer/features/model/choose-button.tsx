import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Verdict } from '../../../shared/contract/estimate.ts';
import { useIsReadOnly, useMayWrite } from '../../state/hello.ts';
import { modelText as text } from '../../text/model.ts';
import { ReasonForm } from '../../ui/reason-form.tsx';
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
  const [isAsking, setAsking] = useState(false);
  if (!isAsking || !needsReason(verdict) || isKept)
    return (
      <Button
        disabled={!mayWrite || isKept}
        title={isReadOnly ? text.readOnly : undefined}
        onClick={() => (needsReason(verdict) ? setAsking(true) : choose())}
      >
        {isChosen ? text.keep(name) : text.choose(name)}
      </Button>
    );
  return (
    <ReasonForm
      label={text.reason[verdict](name)}
      text={{ give: text.chooseAnyway(name), cancel: text.cancelReason, tooShort: text.reasonTooShort }}
      mayGive={mayWrite}
      give={(reason) => {
        choose(reason);
        setAsking(false);
      }}
      cancel={() => setAsking(false)}
    />
  );
}
