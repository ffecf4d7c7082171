import { Checkbox, Stack, Text } from '@mantine/core';
import type { SettingStep } from '../../../shared/contract/gitlab.ts';
import { useMayWrite } from '../../state/hello.ts';
import { change, useWizard } from '../../state/wizard.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import { CommandLine } from '../../ui/command-line.tsx';

const by = { graphql: text.byUs, shell: text.byShell, ui: text.byUi };

/** How many of these steps the person ticked as done. */
export function useDoneSteps(site: string, steps: readonly SettingStep[]): number {
  const done = useWizard((wizard) => wizard.state?.answers.doneSteps) ?? [];
  return steps.filter((step) => done.includes(tickOf(site, step))).length;
}

function tickOf(site: string, step: SettingStep): string {
  return `${site}/${step.id}`.slice(0, 200);
}

/** The steps that a person does, in order: where, what to type, what to expect. A tick stays until it is taken away. */
export function PersonSteps({ site, steps }: { site: string; steps: readonly SettingStep[] }) {
  return (
    <ol className="sl-person-steps">
      {steps.map((step) => (
        <li key={step.id}>
          <PersonStep site={site} step={step} />
        </li>
      ))}
    </ol>
  );
}

function PersonStep({ site, step }: { site: string; step: SettingStep }) {
  const mayWrite = useMayWrite();
  const tick = tickOf(site, step);
  const isDone = useWizard((wizard) => wizard.state?.answers.doneSteps.includes(tick)) ?? false;
  const set = (isNow: boolean) => void change(isNow ? { addDoneSteps: [tick] } : { removeDoneSteps: [tick] });
  return (
    <section aria-label={step.title} data-done={isDone}>
      <Checkbox
        label={<strong>{text.numbered(step.number, step.title)}</strong>}
        aria-label={text.doneName(step.title)}
        description={`${by[step.appliesBy]} · ${step.where}`}
        checked={isDone}
        disabled={!mayWrite}
        onChange={(event) => set(event.currentTarget.checked)}
      />
      <div className="sl-person-step">
        <Lines lines={step.how} isCommand={step.appliesBy === 'shell'} />
        <details>
          <summary>{text.check}</summary>
          <Lines lines={step.check} isCommand={step.appliesBy === 'shell'} />
        </details>
        <Text size="xs" className="sl-quiet">
          {text.expect(step.expected)} · {text.source}: {step.source}
        </Text>
      </div>
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
