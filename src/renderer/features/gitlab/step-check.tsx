import { Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SettingStep } from '../../../shared/contract/gitlab.ts';
import { timeText } from '../../../shared/time-text.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import type { StepChecks, Verdict } from './step-checks.ts';

const mark = { done: 'done', open: 'look', 'not-known': 'todo', outdated: 'todo' } as const;

/** The head of a step: its title (children), a button that checks it, and what the last check found. Says so where Sealift can't check it. */
export function StepHead({ step, checks, children }: { step: SettingStep; checks: StepChecks; children: ReactNode }) {
  const verdict = checks.verdictOf(step);
  return (
    <>
      <Group gap={8} justify="space-between" align="flex-start">
        <div className="sl-step-title">{children}</div>
        {step.checkedBy ? (
          <CheckButton step={step} checks={checks} />
        ) : (
          <Text className="sl-uncheckable">{text.uncheckable}</Text>
        )}
      </Group>
      <div role="status">{verdict && <VerdictLines verdict={verdict} />}</div>
    </>
  );
}

function CheckButton({ step, checks }: { step: SettingStep; checks: StepChecks }) {
  const label = checks.running === step.id ? text.checking : text.checkNow;
  return (
    <Button
      className="sl-whole sl-no-print"
      variant="default"
      size="compact-sm"
      aria-label={text.checkOf(label, step.title)}
      disabled={!checks.mayCheck(step)}
      onClick={() => checks.check(step)}
    >
      {label}
    </Button>
  );
}

function VerdictLines({ verdict: { state, at, why } }: { verdict: Verdict }) {
  return (
    <div className="sl-verdict">
      <Text size="xs">
        <StateMark status={mark[state]} wordless /> <strong>{text.verdict[state]}</strong>{' '}
        <span className="sl-quiet">{text.checkedAt(timeText(at))}</span>
      </Text>
      {why.map((line) => (
        <Text key={line} size="xs" className="sl-break">
          {line}
        </Text>
      ))}
    </div>
  );
}
