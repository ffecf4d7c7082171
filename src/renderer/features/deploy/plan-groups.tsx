import { Stack } from '@mantine/core';
import { deployText as text } from '../../text/deploy.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import type { Plan } from './deploy-store.ts';
import { PlanTable } from './plan-table.tsx';
import { stateMark, worstState } from './step-state.ts';

type Step = Plan['steps'][number];

/** Lists the steps of a plan by kind, folded. A kind with a blocked step is open, since nothing can be deployed before it is solved. */
export function PlanGroups({ steps }: { steps: readonly Step[] }) {
  const kinds = [...new Set(steps.map((step) => step.kind))];
  return (
    <Stack gap={8}>
      {kinds.map((kind) => (
        <PlanGroup key={kind} name={text.kinds[kind]} steps={steps.filter((step) => step.kind === kind)} />
      ))}
    </Stack>
  );
}

function PlanGroup({ name, steps }: { name: string; steps: readonly Step[] }) {
  const worst = worstState(steps) ?? 'exists';
  const counts = (['blocked', 'will-change', 'will-be-made', 'exists'] as const).flatMap((state) => {
    const count = steps.filter((step) => step.state === state).length;
    return count === 0 ? [] : [`${count} ${text.stepState[state]}`];
  });
  return (
    <details open={worst === 'blocked'}>
      <summary>
        <StateMark status={stateMark[worst]} wordless /> <b>{name}</b>{' '}
        <span className="sl-quiet">{counts.join(', ')}</span>
      </summary>
      <PlanTable label={name} steps={steps} />
    </details>
  );
}
