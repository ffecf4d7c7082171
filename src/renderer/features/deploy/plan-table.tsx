import { Button, Collapse, Table } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { appText } from '../../text/app.ts';
import { deployText as text } from '../../text/deploy.ts';
import { coreLanguage } from '../../text/language.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { TrustBadge } from '../../ui/trust-badge.tsx';
import { WideTable } from '../../ui/wide-table.tsx';
import type { Plan } from './deploy-store.ts';
import { stateMark } from './step-state.ts';

/** Lists what the deployment creates, changes or keeps of one kind. */
export function PlanTable({ label, steps }: { label: string; steps: readonly Plan['steps'][number][] }) {
  return (
    <WideTable label={label}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={140}>{text.columns.state}</Table.Th>
          <Table.Th>{text.columns.step}</Table.Th>
          <Table.Th>{text.columns.detail}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {steps.map((step) => (
          <Table.Tr key={step.id}>
            <Table.Td>
              <StateMark status={stateMark[step.state]} wordless /> {text.stepState[step.state]}
            </Table.Td>
            <Table.Td lang={coreLanguage}>
              {step.title}{' '}
              {step.simulated && !step.title.includes(appText.simulated) && <TrustBadge mark="simulated" />}
            </Table.Td>
            <Table.Td>
              <span className="sl-mono">{step.what}</span>
              {step.container && <ContainerSpec of={step.title} container={step.container} />}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function ContainerSpec({ of, container }: { of: string; container: NonNullable<Plan['steps'][number]['container']> }) {
  const [isOpen, { toggle }] = useDisclosure(false);
  return (
    <div>
      <Button
        size="compact-xs"
        variant="subtle"
        aria-expanded={isOpen}
        aria-label={`${text.runs}: ${of}`}
        onClick={toggle}
      >
        {text.runs} {isOpen ? '▾' : '▸'}
      </Button>
      <Collapse expanded={isOpen}>
        <pre className="sl-pre">{JSON.stringify(container, null, 2)}</pre>
      </Collapse>
    </div>
  );
}
