import { appText } from '../text/app.ts';

const marks = {
  inside: ['', appText.inside, appText.insideWhy],
  outside: ['sl-bad', appText.leaves, appText.leavesWhy],
  'not-known': ['sl-look', appText.unclear, appText.unclearWhy],
  simulated: ['sl-look', appText.simulated, appText.simulatedWhy],
} as const;

/** A trust mark, with its meaning as a tooltip. Shown in the header and on each affected row. */
export function TrustBadge({ mark }: { mark: keyof typeof marks }) {
  const [className, word, why] = marks[mark];
  return (
    <span className={`sl-badge ${className}`.trim()} title={why}>
      {word}
    </span>
  );
}
