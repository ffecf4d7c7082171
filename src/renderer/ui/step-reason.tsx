import { Text } from '@mantine/core';
import { useRoute } from '../state/route.ts';
import { useWizard } from '../state/wizard.ts';
import { coreLanguage } from '../text/language.ts';

/** Says why the step of this screen needs attention, or has to be done again, while it has that status. */
export function StepReason({ status }: { status: 'todo' | 'look' }) {
  const place = useRoute((one) => one.place);
  const step = useWizard((wizard) => wizard.state?.steps.find((one) => one.id === place));
  if (step?.status !== status || !step.reason) return null;
  return (
    <Text className="sl-look" lang={coreLanguage}>
      ▲ {step.reason}
    </Text>
  );
}
