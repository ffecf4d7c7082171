import { Alert, Button, Checkbox, Group, List, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { bytesText } from '../../../shared/bytes-text.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import { timeText } from '../../../shared/time-text.ts';
import { core } from '../../state/core.ts';
import { useIsReadOnly, useMayWrite } from '../../state/hello.ts';
import { goTo } from '../../state/route.ts';
import { showReport, useShownReport } from '../../state/shown-report.ts';
import { useJob } from '../../state/use-job.ts';
import { appText } from '../../text/app.ts';
import { rehearseText as text } from '../../text/rehearse.ts';
import { nodesOf } from '../../ui/chain-nodes.ts';
import { CommandLine } from '../../ui/command-line.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Facts } from '../../ui/facts.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { ProbeChain } from '../../ui/probe-chain.tsx';
import { ReportFrame } from '../../ui/report-frame.tsx';
import { Screen } from '../../ui/screen.tsx';
import { TrustBadge } from '../../ui/trust-badge.tsx';

/** Rehearses the whole process with a simulated GitLab and AI Gateway. */
export default function RehearseScreen() {
  const { job, isRunning, result, error, start } = useJob('rehearse', 'run');
  const mayWrite = useMayWrite();
  const isReadOnly = useIsReadOnly();
  const [keep, setKeep] = useState(false);
  const begin = (more = {}) => void start(() => core().rehearse.run({ keep, ...more }));
  const canStart = mayWrite && !isRunning;
  const again = canStart ? [{ fits: /^sealift rehearse\b.* --replace$/, act: () => begin({ replace: true }) }] : [];
  return (
    <Screen
      title={text.title}
      lead={text.lead}
      actions={
        <Group gap={8}>
          <Button
            variant={result && !isRunning ? 'default' : 'filled'}
            onClick={() => begin()}
            disabled={!canStart}
            title={isReadOnly ? text.readOnly : undefined}
          >
            {isRunning ? text.running : result ? text.again : text.start}
          </Button>
          {result && !isRunning && (
            <Button onClick={() => goTo('readiness')}>{appText.next(appText.steps.readiness)}</Button>
          )}
        </Group>
      }
    >
      <Stack gap={12} align="start" className="sl-panel">
        <TrustBadge mark="simulated" />
        <List>
          {text.what.map((line) => (
            <List.Item key={line}>{line}</List.Item>
          ))}
        </List>
        <Checkbox
          label={text.keep}
          description={text.keepHow}
          checked={keep}
          disabled={!canStart}
          onChange={(event) => setKeep(event.currentTarget.checked)}
        />
      </Stack>
      {error && <ErrorPanel error={error} actions={again} />}
      {isRunning && job && <JobProgress job={job} />}
      {job?.state === 'cancelled' && <Text role="status">▲ {appText.stopped(timeText(job.updatedAt))}</Text>}
      {!isRunning && result && <Outcome result={result} />}
    </Screen>
  );
}

/**
 * How to open a site that was kept, and the words by which to trust its media. It has a data folder of its own, so this window cannot
 * show it.
 */
function keptRows({ kept }: Result): [string, ReactNode][] {
  if (!kept) return [];
  return [
    [text.kept, <CommandLine key="kept" command={`sealift --home ${shellWord(kept.home)} serve`} />],
    [text.siteFile, <Kept key="site" value={kept.siteFile} use={text.siteFileFor} />],
    [text.words, <Kept key="words" value={kept.words} use={text.wordsFor} />],
  ];
}

function Kept({ value, use }: { value: string; use: string }) {
  return (
    <>
      <code className="sl-mono">{value}</code>
      <Text size="sm" className="sl-quiet">
        {use}
      </Text>
    </>
  );
}

type Result = NonNullable<ReturnType<typeof useJob<'rehearse', 'run'>>['result']>;

function Outcome({ result }: { result: Result }) {
  const { report, error } = useShownReport();
  const isShown = report?.path === result.report;
  return (
    <Stack gap={16}>
      <Text role="status" fw={600} className="sl-good">
        ● {text.done(result.probe.filter((hop) => hop.ok).length, result.durationMs)}
      </Text>
      <ProbeChain nodes={nodesOf(result.probe)} />
      <div className="sl-panel">
        <Facts
          rows={[
            [text.bundle, text.bundleValue(bytesText(result.bundle.bytes), result.bundle.blocks)],
            [text.engine, result.engine],
            [text.simulated, result.simulated.join(', ')],
            [text.folder, result.dir],
            ...keptRows(result),
          ]}
        />
      </div>
      <Title order={2}>{text.report}</Title>
      {!isShown && (
        <div>
          <Button variant="default" onClick={() => void showReport(result.report)}>
            {text.showReport}
          </Button>
        </div>
      )}
      {error && <ErrorPanel error={error} />}
      {isShown && <ReportFrame html={report.html} label={text.report} />}
      {!isShown && error && <Alert>{result.report}</Alert>}
    </Stack>
  );
}
