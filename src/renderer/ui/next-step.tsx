import { Button } from '@mantine/core';
import { type WizardStep, type WizardStepId, wizardStepId } from '../../shared/contract/wizard.ts';
import { goTo } from '../state/route.ts';
import { useWizard } from '../state/wizard.ts';
import { appText } from '../text/app.ts';

/** Whether a step is finished, so that its screen's one primary button leads to the next. */
export function useIsFinished(step: WizardStepId): boolean {
  const found = useWizard((wizard) => wizard.state?.steps.find((one) => one.id === step));
  return found !== undefined && isFinished(found);
}

/** Returns whether a step is finished. What readiness found need not be good. */
export function isFinished({ id, status }: WizardStep): boolean {
  return status === 'done' || (id === 'readiness' && status === 'look');
}

/** The button to the step after this one; nothing until this one is finished as the wizard says (`isSure`: whatever it says), or after the last. */
export function NextStep({ after, isSure = false }: { after: WizardStepId; isSure?: boolean }) {
  const isDone = useIsFinished(after);
  const next = wizardStepId.options[wizardStepId.options.indexOf(after) + 1];
  if (!(isSure || isDone) || !next) return null;
  return <Button onClick={() => goTo(next)}>{appText.next(appText.steps[next])}</Button>;
}
