import { Text } from '@mantine/core';
import type { GitlabPlan, SettingStep } from '../../../shared/contract/gitlab.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import { Facts } from '../../ui/facts.tsx';
import { StepHead } from './step-check.tsx';
import type { StepChecks } from './step-checks.ts';

/** The steps that Sealift does with the person's token: what each sets, and what to expect. */
export function SealiftSteps({ steps, checks }: { steps: readonly SettingStep[]; checks: StepChecks }) {
  return (
    <ol className="sl-sealift-steps">
      {steps.map((step) => (
        <li key={step.id} aria-label={step.title}>
          <StepHead step={step} checks={checks}>
            <strong>{text.numbered(step.number, step.title)}</strong>
          </StepHead>
          <Text size="xs" className="sl-quiet">
            {step.why && `${text.why(step.why)} `}
            {text.expect(step.expected)}
          </Text>
          <details>
            <summary>{text.byHand}</summary>
            {[...step.how, ...step.check].map((line) => (
              <Text key={line} size="xs">
                {line}
              </Text>
            ))}
            <Text size="xs" className="sl-quiet">
              {step.where} · {text.source}: {step.source}
            </Text>
          </details>
        </li>
      ))}
    </ol>
  );
}

/** The variables of the AI Gateway for this version, folded. */
export function GatewayVariables({ variables }: { variables: GitlabPlan['gatewayVariables'] }) {
  if (variables.length === 0) return null;
  return (
    <details>
      <summary>
        {text.variables} ({variables.length})
      </summary>
      <Facts
        rows={variables.map((one) => [
          one.name,
          <span key={one.name}>
            <code className="sl-mono">{one.value ?? (one.secret ? `[${one.secret}]` : '')}</code> {one.note}
          </span>,
        ])}
      />
    </details>
  );
}
