import { appText } from '../text/app.ts';

const marks = {
  airGapped: ['sl-good', appText.airGapped, appText.airGappedWhy],
  leaves: ['sl-bad', appText.leaves, appText.leavesWhy],
  simulated: ['sl-look', appText.simulated, appText.simulatedWhy],
} as const;

/** A trust mark, with its meaning as a tooltip. Shown in the header and on each affected row. */
export function TrustBadge({ mark }: { mark: keyof typeof marks }) {
  const [className, word, why] = marks[mark];
  return (
    <span className={`sl-badge ${className}`} title={why}>
      {word}
    </span>
  );
}
