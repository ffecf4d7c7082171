import type { WizardStep } from '../../shared/contract/wizard.ts';
import { appText } from '../text/app.ts';

const marks: Record<WizardStep['status'], [glyph: string, className: string]> = {
  todo: ['○', 'sl-quiet'],
  working: ['◐', 'sl-work'],
  done: ['●', 'sl-good'],
  look: ['▲', 'sl-look'],
  blocked: ['■', 'sl-bad'],
};

/** Shows a state as glyph, colour and word, never by colour alone. With `wordless`, only screen readers get the word. */
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
