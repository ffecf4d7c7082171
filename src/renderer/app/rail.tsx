import { Divider } from '@mantine/core';
import { wizardStepId } from '../../shared/contract/wizard.ts';
import type { Place } from '../state/route.ts';
import { useWizard } from '../state/wizard.ts';
import { appText } from '../text/app.ts';
import { StateMark } from '../ui/state-mark.tsx';

/** The seven steps with their state, and the other screens. */
export function Rail({ place }: { place: Place }) {
  const steps = useWizard((wizard) => wizard.state?.steps);
  return (
    <div className="sl-rail">
      <nav aria-label={appText.stepsLabel}>
        {wizardStepId.options.map((id) => {
          const step = steps?.find((one) => one.id === id);
          return (
            <a key={id} className="sl-rail-item" href={`#/${id}`} aria-current={place === id ? 'page' : undefined}>
              <StateMark status={step?.status ?? 'todo'} wordless />
              <span>{appText.steps[id]}</span>
              {/* Takes its line before the state is known, so that links do not move under the pointer. */}
              <span className="sl-rail-note" title={step?.reason ?? step?.summary}>
                {step?.summary ?? '\u00a0'}
              </span>
            </a>
          );
        })}
      </nav>
      <Divider my={8} />
      <nav aria-label={appText.otherLabel}>
        {(['home', 'pack', 'rehearse'] as const).map((id) => (
          <a key={id} className="sl-rail-item" href={`#/${id}`} aria-current={place === id ? 'page' : undefined}>
            <span />
            <span>{appText[id]}</span>
          </a>
        ))}
      </nav>
    </div>
  );
}
