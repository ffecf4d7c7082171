import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useEffect } from 'react';
import { countFindings, countsText } from '../../../shared/finding-counts.ts';
import type { Readiness } from '../../../shared/readiness.ts';
import { timeText } from '../../../shared/time-text.ts';
import { verdictLine } from '../../../shared/verdict-line.ts';
import { core } from '../../state/core.ts';
import { gitlabInput } from '../../state/gitlab-ask.ts';
import { useJobs } from '../../state/jobs.ts';
import { useJob } from '../../state/use-job.ts';
import { useWizard } from '../../state/wizard.ts';
import { readinessText as text } from '../../text/readiness.ts';
import { statesText } from '../../text/states.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { FindingList } from '../../ui/finding-card.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { NextStep, useIsFinished } from '../../ui/next-step.tsx';
import { PassOver } from '../../ui/pass-over.tsx';
import { Screen } from '../../ui/screen.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { CarryOutDrawer } from './carry-out-drawer.tsx';
import { ExportDrawer } from './export-drawer.tsx';
import { GitlabForm } from './gitlab-form.tsx';
import { MachineCards } from './machine-cards.tsx';
import './readiness.css';

/** Shows the readiness of this machine. Starts the first check automatically. */
export default function ReadinessScreen() {
  const { job, isRunning, result, error, start } = useJob('hardware', 'check');
  const isFirst = useJobs(({ isListed }) => isListed) && job === undefined;
  const isFinished = useIsFinished('readiness');
  const [isExporting, exporting] = useDisclosure(false);
  const [isCarrying, carrying] = useDisclosure(false);
  const check = (input: { reportPath?: string; carryOutPath?: string } = {}) =>
    void start(() => core().hardware.check({ ...gitlabInput(), ...input }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs once, when no check exists
  useEffect(() => {
    if (isFirst) check();
  }, [isFirst]);
  const checking = { error, check, isRunning };
  // What an earlier check wrote is no longer the last word once a later one failed.
  const written = error ? withoutFiles(result) : result;
  const actions = (
    <Group gap={8}>
      <Button variant="default" disabled={!result} onClick={carrying.open}>
        {text.carryOut.open}
      </Button>
      <Button variant="default" disabled={!result} onClick={exporting.open}>
        {text.export.open}
      </Button>
      <Button variant={isFinished ? 'default' : 'filled'} disabled={isRunning} onClick={() => check()}>
        {isRunning ? text.checking : result ? text.again : text.check}
      </Button>
      <NextStep after="readiness" />
    </Group>
  );
  return (
    <Screen title={text.title} lead={text.lead} actions={actions}>
      {error && <ErrorPanel error={error} />}
      {isRunning && job && <JobProgress job={job} />}
      {!result && !isRunning && <Text>{text.notChecked}</Text>}
      {result && (
        <Outcome readiness={result}>
          <GitlabForm check={check} isRunning={isRunning} />
        </Outcome>
      )}
      {written && (
        <>
          <ExportDrawer isOpen={isExporting} close={exporting.close} readiness={written} {...checking} />
          <CarryOutDrawer isOpen={isCarrying} close={carrying.close} readiness={written} {...checking} />
        </>
      )}
    </Screen>
  );
}

type Checked = NonNullable<ReturnType<typeof useJob<'hardware', 'check'>>['result']>;

function withoutFiles(result: Checked | undefined): Checked | undefined {
  if (!result) return undefined;
  const { report: _report, signature: _signature, unsigned: _unsigned, carryOut: _carryOut, ...rest } = result;
  return rest;
}

function Outcome({ readiness, children }: { readiness: Readiness; children: ReactNode }) {
  const { machine, gitlab, findings, createdAt } = readiness;
  const overrides = useWizard((wizard) => wizard.state?.answers.overrides) ?? {};
  const counts = countFindings(findings, overrides);
  const { blocked } = counts;
  const status = blocked > 0 ? 'blocked' : counts.overridden + counts.attention > 0 ? 'look' : 'done';
  return (
    <Stack gap={24}>
      <div role="status">
        <Text fw={600} size="lg">
          <StateMark status={status} wordless /> {blocked > 0 ? text.blocked(blocked) : verdictLine(machine)}
        </Text>
        {blocked > 0 && <Text>{verdictLine(machine)}</Text>}
        <Text className="sl-quiet">
          {countsText(counts, statesText.steps)} · {text.checkedAt(timeText(createdAt))}
        </Text>
      </div>
      <section>
        <Title order={2} mb={8}>
          {text.findings}
        </Title>
        {status === 'done' && <Text>{text.nothing}</Text>}
        <FindingList findings={findings} below={(one) => one.severity === 'red' && <PassOver findingId={one.id} />} />
      </section>
      {children}
      <section>
        <Title order={2} mb={8}>
          {text.facts}
        </Title>
        <MachineCards machine={machine} gitlab={gitlab} />
      </section>
    </Stack>
  );
}
