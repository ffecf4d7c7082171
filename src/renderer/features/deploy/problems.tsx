import { Text } from '@mantine/core';
import { deployText as text } from '../../text/deploy.ts';
import { useTroubleInView } from '../../ui/come-into-view.tsx';

/** The field of problems that concern no field. */
const wholeFile = 'the file';

/** Lists why a site file cannot be used. */
export function Problems({ problems }: { problems: readonly { field: string; problem: string }[] }) {
  const here = useTroubleInView<HTMLElement>(JSON.stringify(problems));
  return (
    <section ref={here} className="sl-finding sl-in-view" data-severity="red" role="alert">
      <Text fw={600}>{text.problems}</Text>
      <ul className="sl-list">
        {problems.map((one) => (
          <li key={one.field + one.problem}>
            {one.field !== wholeFile && <code className="sl-mono">{one.field}</code>} {one.problem}
          </li>
        ))}
      </ul>
    </section>
  );
}
