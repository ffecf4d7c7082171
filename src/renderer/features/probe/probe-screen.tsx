import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { ProbeCause, ProbeResult } from '../../../shared/contract/probe.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { timeText } from '../../../shared/time-text.ts';
import { core } from '../../state/core.ts';
import { useMayWrite } from '../../state/hello.ts';
import { useJob } from '../../state/use-job.ts';
import { useWizard } from '../../state/wizard.ts';
import { coreLanguage } from '../../text/language.ts';
import { probeText as text } from '../../text/probe.ts';
import { nodesOf, nodesOfJob } from '../../ui/chain-nodes.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { FindingList } from '../../ui/finding-card.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { NeedsSite } from '../../ui/needs-site.tsx';
import { NextStep, useIsFinished } from '../../ui/next-step.tsx';
import { ProbeChain } from '../../ui/probe-chain.tsx';
import { Remedies, type RemedyAction } from '../../ui/remedies.tsx';
import { Screen } from '../../ui/screen.tsx';
import { SitePicture } from '../../ui/site-picture.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { TokenField } from '../../ui/token-field.tsx';
import { ProbeHistory } from './probe-history.tsx';
import { stationNotes } from './station-notes.ts';
import { useWatch } from './use-watch.ts';
import { verdictOf } from './verdict-of.ts';
import { WatchControl } from './watch-control.tsx';

/** Sends real requests hop by hop, once or again and again, and diagnoses the first that fails. */
export default function ProbeScreen() {
  const site = useWizard((wizard) => wizard.state?.site);
  const content = site?.content;
  if (!site || !content) return <NeedsSite text={text} />;
  return <ProbeOf key={site.path} path={site.path} site={content} />;
}

function ProbeOf({ path, site }: { path: string; site: SiteFile }) {
  const mayWrite = useMayWrite();
  const { job, isRunning, result, error, start } = useJob('probe', 'run', path);
  const [token, setToken] = useState('');
  const isFinished = useIsFinished('probe');
  const probe = async () => {
    let jobId: string | undefined;
    await start(async () => {
      const begun = await core().probe.run({ siteFile: path, ...(token !== '' && { token }) });
      jobId = begun.jobId;
      return begun;
    });
    return jobId;
  };
  const watch = useWatch(probe);
  const begin = () => {
    setToken('');
    void probe();
  };
  const own = result?.site === site.name ? result : undefined;
  const isFirst = isRunning && !watch.isOn;
  const canProbe = mayWrite && !isRunning && !watch.isOn;
  const actions = canProbe ? [{ fits: /^sealift (--home \S+ )?probe\b/, act: begin }] : [];
  const nodes = isRunning && job ? nodesOfJob(job) : own && !error ? nodesOf(own.hops) : [];
  return (
    <Screen
      title={text.title}
      lead={text.lead}
      siteFile={path}
      actions={
        <Group gap={8}>
          <WatchControl watch={watch} isDisabled={!mayWrite || isFirst} />
          <Button variant={isFinished ? 'default' : 'filled'} disabled={!canProbe} onClick={begin}>
            {own ? text.again : text.run}
          </Button>
          <NextStep after="probe" />
        </Group>
      }
    >
      <Stack gap={16} className="sl-panel">
        <SitePicture site={site} notes={stationNotes(nodes)} />
        {!site.gitlab.simulated && (
          <TokenField token={token} onChange={setToken} note={watch.isOn ? text.watchTokenNote : text.tokenNote} />
        )}
      </Stack>
      <ProbeHistory siteFile={path} />
      {error && <ErrorPanel error={error} actions={actions} />}
      {isFirst && job && (
        <>
          <ProbeChain nodes={nodesOfJob(job)} />
          <JobProgress job={job} withSteps={false} />
        </>
      )}
      {!isFirst && !error && own && <Outcome result={own} actions={actions} />}
    </Screen>
  );
}

function Outcome({ result, actions }: { result: ProbeResult; actions: readonly RemedyAction[] }) {
  return (
    <Stack gap={16}>
      <Headline result={result} />
      {result.findings && <FindingList findings={result.findings} actions={actions} />}
      <ProbeChain nodes={nodesOf(result.hops)} />
      {result.causes.length > 0 && <Title order={2}>{text.diagnosis}</Title>}
      {result.causes.map((cause) => (
        <Cause key={cause.id} cause={cause} actions={actions} />
      ))}
      {result.notChecked.length > 0 && (
        <details>
          <summary>
            {text.notChecked} ({result.notChecked.length})
          </summary>
          <ul className="sl-list">
            {result.notChecked.map((one) => (
              <li key={one.hop}>
                {one.title}: {one.reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Stack>
  );
}

/** Sums up the answers. Only the verdict is announced: the time changes with every probe. */
function Headline({ result }: { result: ProbeResult }) {
  const { mark, said } = verdictOf(result);
  return (
    <div>
      <Text fw={600} role="status">
        <StateMark status={mark} wordless /> {said}
      </Text>
      <Text size="xs" className="sl-quiet">
        {text.at(timeText(result.at))}
      </Text>
    </div>
  );
}

function Cause({ cause, actions }: { cause: ProbeCause; actions: readonly RemedyAction[] }) {
  return (
    <article className="sl-finding" data-severity="red" aria-label={cause.title}>
      <Stack gap={6}>
        <Text fw={600}>
          <span lang={coreLanguage}>{cause.title}</span> ({text.sure[cause.confidence]})
        </Text>
        <Text lang={coreLanguage}>{cause.cause}</Text>
        <Remedies remedies={cause.remedies} actions={actions} />
        <details>
          <summary>{text.seen}</summary>
          <pre className="sl-pre" lang={coreLanguage}>
            {cause.evidence.join('\n')}
          </pre>
        </details>
        <Text size="xs" className="sl-quiet">
          {text.reference(cause.id)}
        </Text>
      </Stack>
    </article>
  );
}
