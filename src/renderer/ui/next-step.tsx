import { Button } from '@mantine/core';
import { type WizardStepId, wizardStepId } from '../../shared/contract/wizard.ts';
import { goTo } from '../state/route.ts';
import { useWizard } from '../state/wizard.ts';
import { appText } from '../text/app.ts';

/** Whether a step is finished, so that its screen's one primary button leads to the next. What readiness found need not be good. */
export function useIsFinished(step: WizardStepId): boolean {
  const status = useWizard((wizard) => wizard.state?.steps.find((one) => one.id === step)?.status);
  return status === 'done' || (step === 'readiness' && status === 'look');
}

/** The button to the step after this one; nothing until this one is finished (default: as the wizard says), or after the last. */
export function NextStep({ after, isFinished }: { after: WizardStepId; isFinished?: boolean }) {
  const isDone = useIsFinished(after);
  const next = wizardStepId.options[wizardStepId.options.indexOf(after) + 1];
  if (!(isFinished ?? isDone) || !next) return null;
  return <Button onClick={() => goTo(next)}>{appText.next(appText.steps[next])}</Button>;
}
