import { Alert, Button, List, Stack, Text, Title } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import { timeText } from '../../../shared/time-text.ts';
import { core } from '../../state/core.ts';
import { useIsReadOnly, useMayWrite } from '../../state/hello.ts';
import { showReport, useShownReport } from '../../state/shown-report.ts';
import { useJob } from '../../state/use-job.ts';
import { appText } from '../../text/app.ts';
import { rehearseText as text } from '../../text/rehearse.ts';
import { nodesOf } from '../../ui/chain-nodes.ts';
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
  const begin = () => void start(() => core().rehearse.run({}));
  return (
    <Screen
      title={text.title}
      lead={text.lead}
      actions={
        <Button onClick={begin} disabled={!mayWrite || isRunning} title={isReadOnly ? text.readOnly : undefined}>
          {isRunning ? text.running : result ? text.again : text.start}
        </Button>
      }
    >
      <Stack gap={12} align="start" className="sl-panel">
        <TrustBadge mark="simulated" />
        <List>
          {text.what.map((line) => (
            <List.Item key={line}>{line}</List.Item>
          ))}
        </List>
      </Stack>
      {error && <ErrorPanel error={error} />}
      {isRunning && job && <JobProgress job={job} />}
      {job?.state === 'cancelled' && <Text role="status">▲ {appText.stopped(timeText(job.updatedAt))}</Text>}
      {!isRunning && result && <Outcome result={result} />}
    </Screen>
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
