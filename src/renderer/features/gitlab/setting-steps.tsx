import { Stack, Text, Title } from '@mantine/core';
import type { GitlabPlan, SettingStep } from '../../../shared/contract/gitlab.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import { CommandLine } from '../../ui/command-line.tsx';
import { Facts } from '../../ui/facts.tsx';

const by = { graphql: text.byUs, shell: text.byShell, ui: text.byUi };

/** Lists the steps of the plan in order: what to do where, and how to check it. */
export function SettingSteps({ plan }: { plan: GitlabPlan }) {
  return (
    <Stack gap={16}>
      {plan.steps.map((step) => (
        <Step key={step.id} step={step} />
      ))}
      {plan.gatewayVariables.length > 0 && (
        <details>
          <summary>
            {text.variables} ({plan.gatewayVariables.length})
          </summary>
          <Facts
            rows={plan.gatewayVariables.map((one) => [
              one.name,
              <span key={one.name}>
                <code className="sl-mono">{one.value ?? (one.secret ? `[${one.secret}]` : '')}</code> {one.note}
              </span>,
            ])}
          />
        </details>
      )}
    </Stack>
  );
}

function Step({ step }: { step: SettingStep }) {
  return (
    <section className="sl-panel" aria-label={step.title}>
      <Title order={3}>
        {step.number}. {step.title}
      </Title>
      <Text size="xs" className="sl-quiet">
        {by[step.appliesBy]} · {step.where}
      </Text>
      <Lines title={text.do} lines={step.how} isCommand={step.appliesBy === 'shell'} />
      <Lines title={text.check} lines={step.check} isCommand={step.appliesBy === 'shell'} />
      <Text mt={8}>
        <strong>{text.expected}:</strong> {step.expected}
      </Text>
      <Text size="xs" className="sl-quiet">
        {text.source}: {step.source}
      </Text>
    </section>
  );
}

function Lines({ title, lines, isCommand }: { title: string; lines: readonly string[]; isCommand: boolean }) {
  return (
    <>
      <Text fw={600} mt={8}>
        {title}
      </Text>
      <Stack gap={4}>
        {lines.map((line) => (isCommand ? <CommandLine key={line} command={line} /> : <Text key={line}>{line}</Text>))}
      </Stack>
    </>
  );
}
