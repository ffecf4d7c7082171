import type { WizardStep } from '../../shared/contract/wizard.ts';
import { appText } from '../text/app.ts';

const marks: Record<WizardStep['status'], [glyph: string, className: string]> = {
  todo: ['○', 'sl-quiet'],
  working: ['◐', 'sl-work'],
  done: ['●', 'sl-good'],
  look: ['▲', 'sl-look'],
  blocked: ['■', 'sl-bad'],
};

/** Glyph, colour and word of a state: never colour alone. With `wordless` the word is for screen readers only. */
export function StateMark({ status, wordless = false }: { status: WizardStep['status']; wordless?: boolean }) {
  const [glyph, className] = marks[status];
  return (
    <span className={className}>
      <span className="sl-mark" aria-hidden>
        {glyph}
      </span>
      <span className={wordless ? 'sl-hidden' : undefined}>{appText.status[status]}</span>
    </span>
  );
}
