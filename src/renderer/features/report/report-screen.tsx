import { Button, Group, Text } from '@mantine/core';
import { useEffect } from 'react';
import { shellWord } from '../../../shared/shell-word.ts';
import { core } from '../../state/core.ts';
import { useMayWrite } from '../../state/hello.ts';
import { type ShownReport, showReport, useShownReport } from '../../state/shown-report.ts';
import { useJob } from '../../state/use-job.ts';
import { useWizard } from '../../state/wizard.ts';
import { reportText as text } from '../../text/report.ts';
import { CommandLine } from '../../ui/command-line.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Facts } from '../../ui/facts.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { NeedsSite } from '../../ui/needs-site.tsx';
import { useIsFinished } from '../../ui/next-step.tsx';
import { ReportFrame } from '../../ui/report-frame.tsx';
import { saveText } from '../../ui/save-text.ts';
import { Screen } from '../../ui/screen.tsx';
import { StepReason } from '../../ui/step-reason.tsx';

/** Writes the report, shows it as it prints, and saves it. */
export default function ReportScreen() {
  const state = useWizard((wizard) => wizard.state);
  const { site, reportFolder } = state ?? {};
  if (!site?.content || !reportFolder) return <NeedsSite text={text} />;
  // Older records lack `reportedIn`; those reports are in this window's report folder.
  const written = state?.reportedAt === undefined ? undefined : (state.reportedIn ?? reportFolder);
  return <OfSite siteFile={site.path} name={site.content.name} folder={reportFolder} written={written} />;
}

function OfSite(props: { siteFile: string; name: string; folder: string; written: string | undefined }) {
  const { siteFile, name, folder, written } = props;
  const mayWrite = useMayWrite();
  const isProbed = useIsFinished('probe');
  const write = useJob('report', 'write', siteFile);
  const { report, error } = useShownReport();
  useEffect(() => {
    if (written !== undefined && !write.isRunning) void showReport(written);
  }, [written, write.isRunning]);
  const shown = report !== undefined && report.path === written && !write.error ? report : undefined;
  const begin = () => void write.start(() => core().report.write({ siteFile, outFolder: folder }));
  const actions = (
    <Group gap={8}>
      <Button variant={shown ? 'default' : 'filled'} disabled={!mayWrite || write.isRunning} onClick={begin}>
        {write.isRunning ? text.writing : shown ? text.again : text.write}
      </Button>
      {shown && <TakeAlong name={name} report={shown} />}
    </Group>
  );
  return (
    <Screen title={text.title} lead={text.lead} siteFile={siteFile} actions={actions}>
      {write.error && <ErrorPanel error={write.error} />}
      {write.isRunning && write.job && <JobProgress job={write.job} />}
      {written !== undefined && error && <ErrorPanel error={error} />}
      {shown && <Verified report={shown} />}
      {written === undefined && !write.isRunning && (
        <Text className="sl-panel">{isProbed ? text.none : text.noneProbed}</Text>
      )}
    </Screen>
  );
}

function TakeAlong({ name, report: { html, json } }: { name: string; report: ShownReport }) {
  return (
    <>
      <Button variant="default" onClick={() => print()}>
        {text.print}
      </Button>
      {json !== undefined && (
        <Button variant="default" onClick={() => saveText(`sealift-${name}.json`, 'application/json', json)}>
          {text.saveJson}
        </Button>
      )}
      <Button onClick={() => saveText(`sealift-${name}.html`, 'text/html', html)}>{text.save}</Button>
    </>
  );
}

/** Shows the report as it prints, below the result of the signature check. */
function Verified({ report }: { report: ShownReport }) {
  const { path, isGood, keyWords, html, jsonTooLarge } = report;
  return (
    <>
      <Text role="status" fw={600} className={isGood ? 'sl-good' : 'sl-bad'}>
        {isGood ? `● ${text.good}` : `■ ${text.bad}`}
      </Text>
      {jsonTooLarge && <Text>▲ {text.jsonTooLarge}</Text>}
      <StepReason status="look" />
      <div className="sl-panel">
        <Facts
          rows={[
            [
              text.files,
              <code key="folder" className="sl-mono">
                {path}
              </code>,
            ],
            [text.signedBy, `${keyWords}. ${text.tell}`],
            [text.verify, <CommandLine key="verify" command={`sealift report verify ${shellWord(path)}`} />],
          ]}
        />
      </div>
      <ReportFrame html={html} label={text.title} />
    </>
  );
}
