import { type ComponentType, useEffect } from 'react';
import { type WizardStep, type WizardStepId, wizardStepId } from '../../shared/contract/wizard.ts';
import type { Place } from '../state/places.ts';
import { useWizard } from '../state/wizard.ts';
import { appText, screenNames } from '../text/app.ts';
import {
  IconAlertTriangle,
  IconCheck,
  IconHome,
  IconPackage,
  IconPlay,
  IconProgress,
  IconStop,
  IconUpload,
} from '../ui/icons.ts';
import './rail.css';
import { wordsOf } from '../../shared/step-words.ts';
import { coreLanguage } from '../text/language.ts';
import { statesText } from '../text/states.ts';

const icons: Partial<Record<WizardStep['status'], ComponentType<{ size: number }>>> = {
  done: IconCheck,
  look: IconAlertTriangle,
  blocked: IconStop,
  working: IconProgress,
};

type OtherPlace = Exclude<Place, WizardStepId>;
const others: Record<OtherPlace, ComponentType<{ size: number }>> = {
  home: IconHome,
  pack: IconPackage,
  push: IconUpload,
  rehearse: IconPlay,
};

/** The seven steps with their state, and the other screens. */
export function Rail({ place }: { place: Place }) {
  const steps = useWizard((wizard) => wizard.state?.steps);
  // Where the window is too narrow for all of them, the rail is a line that scrolls.
  useEffect(() => {
    document.querySelector(`.sl-rail a[href="#/${place}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [place]);
  return (
    <div className="sl-rail">
      <nav aria-label={appText.stepsLabel}>
        <ol className="sl-stepper">
          {wizardStepId.options.map((id, index) => {
            const step = steps?.find((one) => one.id === id);
            return (
              <li key={id}>
                <a className="sl-rail-item" href={`#/${id}`} aria-current={place === id ? 'page' : undefined}>
                  <StepMark status={step?.status ?? 'todo'} number={index + 1} />
                  <span className="sl-rail-name">{screenNames[id]}</span>
                  {/* Takes its line before the state is known, so that links do not move under the pointer. */}
                  <StepNote step={step} />
                </a>
              </li>
            );
          })}
        </ol>
      </nav>
      <nav className="sl-rail-others" aria-label={appText.otherLabel}>
        {(Object.entries(others) as [OtherPlace, ComponentType<{ size: number }>][]).map(([id, Icon]) => (
          <a key={id} className="sl-rail-item" href={`#/${id}`} aria-current={place === id ? 'page' : undefined}>
            <span className="sl-rail-icon">
              <Icon size={18} />
            </span>
            <span className="sl-rail-name">{screenNames[id]}</span>
          </a>
        ))}
      </nav>
    </div>
  );
}

function StepNote({ step }: { step: WizardStep | undefined }) {
  const note = step?.said && wordsOf(statesText.steps, step.said);
  return (
    <span className="sl-rail-note" lang={note === undefined ? coreLanguage : undefined} title={step?.reason ?? note}>
      {note ?? step?.summary ?? '\u00a0'}
    </span>
  );
}

/** The number of a step that is to do, otherwise the sign of its state; screen readers get the word. */
function StepMark({ status, number }: { status: WizardStep['status']; number: number }) {
  const Icon = icons[status];
  return (
    <span className="sl-step-mark" data-status={status}>
      {Icon ? <Icon size={15} /> : <span aria-hidden>{number}</span>}
      <span className="sl-hidden">{appText.status[status]}</span>
    </span>
  );
}
