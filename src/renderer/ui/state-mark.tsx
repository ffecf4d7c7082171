import { type Mark, markGlyphs } from '../../shared/mark.ts';
import { appText } from '../text/app.ts';

const classNames: Record<Mark, string> = {
  todo: 'sl-quiet',
  working: 'sl-work',
  done: 'sl-good',
  look: 'sl-look',
  blocked: 'sl-bad',
};

/** Shows a state as glyph, colour and word, never by colour alone. With `wordless`, only screen readers get the word. */
export function StateMark({ status, wordless = false }: { status: Mark; wordless?: boolean }) {
  return (
    <span className={classNames[status]}>
      <span className="sl-mark" aria-hidden>
        {markGlyphs[status]}
      </span>
      <span className={wordless ? 'sl-hidden' : undefined}>{appText.status[status]}</span>
    </span>
  );
}
