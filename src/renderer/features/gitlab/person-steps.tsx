import { Checkbox, Stack, Text } from '@mantine/core';
import type { SettingStep } from '../../../shared/contract/gitlab.ts';
import { useMayWrite } from '../../state/hello.ts';
import { change, useWizard } from '../../state/wizard.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import { CommandLine } from '../../ui/command-line.tsx';
import { StepHead } from './step-check.tsx';
import type { StepChecks } from './step-checks.ts';

const by = { graphql: text.byUs, shell: text.byShell, ui: text.byUi };

/** How many of these steps are done: as the last check found, otherwise as the person ticked. */
export function useDoneSteps(of: TickedPlan, steps: readonly SettingStep[], checks: StepChecks): number {
  const ticked = useWizard((wizard) => wizard.state?.answers.doneSteps) ?? [];
  return steps.filter((step) => {
    const found = checks.verdictOf(step)?.state;
    return found === 'done' || (found !== 'open' && ticked.includes(tickOf(of, step)));
  }).length;
}

/** Where the ticks belong: another version has other commands under the same step. */
export interface TickedPlan {
  site: string;
  gitlabVersion: string;
}

function tickOf({ site, gitlabVersion }: TickedPlan, step: SettingStep): string {
  return `${site}/${gitlabVersion}/${step.id}`.slice(0, 200);
}

/** The steps that a person does, in order: where, what to type, what to expect. A tick stays until it is taken away. */
export function PersonSteps(props: { of: TickedPlan; steps: readonly SettingStep[]; checks: StepChecks }) {
  const { of, steps, checks } = props;
  return (
    <ol className="sl-person-steps">
      {steps.map((step) => (
        <li key={step.id}>
          <PersonStep of={of} step={step} checks={checks} />
        </li>
      ))}
    </ol>
  );
}

function PersonStep({ of, step, checks }: { of: TickedPlan; step: SettingStep; checks: StepChecks }) {
  const mayWrite = useMayWrite();
  const tick = tickOf(of, step);
  const isTicked = useWizard((wizard) => wizard.state?.answers.doneSteps.includes(tick)) ?? false;
  // What a check found done is not for the person to take away.
  const isSeen = checks.verdictOf(step)?.state === 'done';
  const isDone = isTicked || isSeen;
  const set = (isNow: boolean) => void change(isNow ? { addDoneSteps: [tick] } : { removeDoneSteps: [tick] });
  return (
    <section aria-label={step.title}>
      <StepHead step={step} checks={checks}>
        <Checkbox
          label={<strong>{text.numbered(step.number, step.title)}</strong>}
          description={`${by[step.appliesBy]} · ${step.where}`}
          checked={isDone}
          disabled={!mayWrite || isSeen}
          onChange={(event) => set(event.currentTarget.checked)}
        />
      </StepHead>
      <details className="sl-person-step" open={!isDone}>
        <summary>{text.what}</summary>
        {step.why && <Text size="sm">{text.why(step.why)}</Text>}
        <Lines lines={step.how} isCommand={step.appliesBy === 'shell'} />
        <details>
          <summary>{text.check}</summary>
          <Lines lines={step.check} isCommand={step.appliesBy === 'shell'} />
        </details>
        {step.undo && (
          <details>
            <summary>{text.takeBack}</summary>
            <Lines lines={step.undo} isCommand={step.appliesBy === 'shell'} />
          </details>
        )}
        <Text size="xs" className="sl-quiet">
          {text.expect(step.expected)} · {text.source}: {step.source}
        </Text>
      </details>
    </section>
  );
}

function Lines({ lines, isCommand }: { lines: readonly string[]; isCommand: boolean }) {
  return (
    <Stack gap={4}>
      {lines.map((line) => (isCommand ? <CommandLine key={line} command={line} /> : <Text key={line}>{line}</Text>))}
    </Stack>
  );
}
