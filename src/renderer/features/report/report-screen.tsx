import { Button, Group, Text } from '@mantine/core';
import { useEffect } from 'react';
import { core } from '../../state/core.ts';
import { useHello } from '../../state/hello.ts';
import { showReport, useShownReport } from '../../state/shown-report.ts';
import { useJob } from '../../state/use-job.ts';
import { useWizard } from '../../state/wizard.ts';
import { reportText as text } from '../../text/report.ts';
import { CommandLine } from '../../ui/command-line.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Facts } from '../../ui/facts.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { ReportFrame } from '../../ui/report-frame.tsx';
import { saveText } from '../../ui/save-text.ts';
import { Screen } from '../../ui/screen.tsx';

/** Writing the report, looking at it as it prints, and taking it along. */
export default function ReportScreen() {
  const state = useWizard((wizard) => wizard.state);
  const mayWrite = useHello((one) => one.hello?.mayWrite ?? false);
  const write = useJob('report', 'write', state?.site?.path);
  const { report, error } = useShownReport();
  const { site, reportFolder: folder } = state ?? {};
  const step = state?.steps.find((one) => one.id === 'report');
  const isWritten = state?.reportedAt !== undefined;
  useEffect(() => {
    if (folder && isWritten && !write.isRunning) void showReport(folder);
  }, [folder, isWritten, write.isRunning]);
  if (!site?.content || !folder)
    return (
      <Screen title={text.title} lead={text.lead}>
        <Text>{text.needSite}</Text>
        <a href="#/deploy">{text.toDeploy}</a>
      </Screen>
    );
  const shown = report?.path === folder ? report : undefined;
  const begin = () => void write.start(() => core().report.write({ siteFile: site.path, outFolder: folder }));
  return (
    <Screen
      title={text.title}
      lead={text.lead}
      actions={
        <Group gap={8}>
          {shown && (
            <>
              <Button
                variant="default"
                onClick={() => saveText(`sealift-${site.content?.name}.html`, 'text/html', shown.html)}
              >
                {text.save}
              </Button>
              <Button variant="default" onClick={() => print()}>
                {text.print}
              </Button>
            </>
          )}
          <Button disabled={!mayWrite || write.isRunning} onClick={begin}>
            {write.isRunning ? text.writing : shown ? text.again : text.write}
          </Button>
        </Group>
      }
    >
      {write.error && <ErrorPanel error={write.error} />}
      {write.isRunning && write.job && <JobProgress job={write.job} />}
      {isWritten && error && <ErrorPanel error={error} />}
      {shown && (
        <>
          <Text role="status" fw={600} className={shown.isGood ? 'sl-good' : 'sl-bad'}>
            {shown.isGood ? `● ${text.good}` : `■ ${text.bad}`}
          </Text>
          {step?.status === 'look' && <Text className="sl-look">▲ {step.reason}</Text>}
          <Facts
            rows={[
              [
                text.files,
                <code key="folder" className="sl-mono">
                  {folder}
                </code>,
              ],
              [text.signedBy, `${shown.keyWords}. ${text.tell}`],
              [text.verify, <CommandLine key="verify" command={`sealift report verify ${folder}`} />],
            ]}
          />
          <ReportFrame html={shown.html} label={text.title} />
        </>
      )}
    </Screen>
  );
}
