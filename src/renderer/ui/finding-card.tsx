import { Button, Collapse, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import type { Finding } from '../../shared/finding.ts';
import { appText } from '../text/app.ts';
import { coreLanguage } from '../text/language.ts';
import { Remedies, type RemedyAction } from './remedies.tsx';
import { StateMark } from './state-mark.tsx';

const statusOf = { red: 'blocked', amber: 'look', green: 'done' } as const;

/** Shows one finding: title, consequence, remedies and evidence. */
export function FindingCard(props: { finding: Finding; actions?: readonly RemedyAction[]; children?: ReactNode }) {
  const { finding, actions = [], children } = props;
  const [isOpen, { toggle }] = useDisclosure(false);
  return (
    <article className="sl-finding" data-severity={finding.severity} aria-label={finding.title}>
      <Stack gap={6}>
        <Text fw={600}>
          <StateMark status={statusOf[finding.severity]} wordless /> <span lang={coreLanguage}>{finding.title}</span>
        </Text>
        {finding.consequence && <Text lang={coreLanguage}>{finding.consequence}</Text>}
        {finding.severity !== 'green' && <Remedies remedies={finding.remedies} actions={actions} />}
        {children}
        {finding.howWeKnow && (
          <div>
            <Button size="compact-xs" variant="subtle" onClick={toggle} aria-expanded={isOpen}>
              {appText.howWeKnow} {isOpen ? '▾' : '▸'}
            </Button>
            <Collapse expanded={isOpen}>
              <pre className="sl-pre" lang={coreLanguage}>
                {finding.howWeKnow}
              </pre>
            </Collapse>
          </div>
        )}
      </Stack>
    </article>
  );
}

/** Lists findings, red first. The green ones are collapsed into one line. */
export function FindingList(props: {
  findings: readonly Finding[];
  actions?: readonly RemedyAction[];
  below?(finding: Finding): ReactNode;
}) {
  const [isOpen, { toggle }] = useDisclosure(false);
  const of = (severity: Finding['severity']) => props.findings.filter((one) => one.severity === severity);
  const card = (finding: Finding) => (
    <FindingCard key={finding.id + finding.title} finding={finding} actions={props.actions ?? []}>
      {props.below?.(finding)}
    </FindingCard>
  );
  const green = of('green');
  return (
    <Stack gap={12}>
      {[...of('red'), ...of('amber')].map(card)}
      {green.length > 0 && (
        <div>
          <Button variant="subtle" onClick={toggle} aria-expanded={isOpen} px={8}>
            <StateMark status="done" wordless /> {appText.passed(green.length)} {isOpen ? '▾' : '▸'}
          </Button>
          <Collapse expanded={isOpen}>
            <Stack gap={8} pt={8}>
              {green.map(card)}
            </Stack>
          </Collapse>
        </div>
      )}
    </Stack>
  );
}
