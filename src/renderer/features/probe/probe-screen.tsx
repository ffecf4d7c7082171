import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { ProbeCause, ProbeResult } from '../../../shared/contract/probe.ts';
import { timeText } from '../../../shared/time-text.ts';
import { core } from '../../state/core.ts';
import { useMayWrite } from '../../state/hello.ts';
import { useJob } from '../../state/use-job.ts';
import { useWizard } from '../../state/wizard.ts';
import { probeText as text } from '../../text/probe.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { FindingList } from '../../ui/finding-card.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { NeedsSite } from '../../ui/needs-site.tsx';
import { NextStep, useIsFinished } from '../../ui/next-step.tsx';
import { nodesOf, nodesOfJob, ProbeChain } from '../../ui/probe-chain.tsx';
import { Remedies, type RemedyAction } from '../../ui/remedies.tsx';
import { Screen } from '../../ui/screen.tsx';
import { TokenField } from '../../ui/token-field.tsx';

/** Sends real requests hop by hop, and diagnoses the first that fails. */
export default function ProbeScreen() {
  const site = useWizard((wizard) => wizard.state?.site);
  const mayWrite = useMayWrite();
  const { job, isRunning, result, error, start } = useJob('probe', 'run', site?.path);
  const [token, setToken] = useState('');
  const isFinished = useIsFinished('probe');
  const content = site?.content;
  if (!site || !content) return <NeedsSite text={text} />;
  const own = result?.site === content.name ? result : undefined;
  const begin = () => {
    const input = { siteFile: site.path, ...(token !== '' && { token }) };
    setToken('');
    void start(() => core().probe.run(input));
  };
  const canProbe = mayWrite && !isRunning;
  const actions = canProbe ? [{ fits: /^sealift (--home \S+ )?probe\b/, act: begin }] : [];
  return (
    <Screen
      title={text.title}
      lead={text.lead}
      siteFile={site.path}
      actions={
        <Group gap={8}>
          <Button variant={isFinished ? 'default' : 'filled'} disabled={!canProbe} onClick={begin}>
            {own ? text.again : text.run}
          </Button>
          <NextStep after="probe" />
        </Group>
      }
    >
      {!content.gitlab.simulated && <TokenField token={token} onChange={setToken} note={text.tokenNote} />}
      {error && <ErrorPanel error={error} actions={actions} />}
      {isRunning && job && (
        <>
          <ProbeChain nodes={nodesOfJob(job)} />
          <JobProgress job={job} withSteps={false} />
        </>
      )}
      {!isRunning && !error && own && <Outcome result={own} actions={actions} />}
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

/** Sums up the answers: a failed hop first, then doubts, then success. */
function Headline({ result: { hops, firstRed, findings = [], notChecked, at } }: { result: ProbeResult }) {
  const red = hops.find((hop) => hop.hop === firstRed);
  const asked = hops.filter((hop) => !hop.skipped).length;
  const isDoubtful = findings.some((one) => one.severity !== 'green');
  const [glyph, colour, said] = red
    ? ['■', 'sl-bad', text.red(red.title)]
    : isDoubtful
      ? ['▲', 'sl-look', text.doubtful(asked)]
      : ['●', 'sl-good', text.allGood(asked, notChecked.length)];
  return (
    <div role="status">
      <Text fw={600} className={colour}>
        {glyph} {said}
      </Text>
      <Text size="xs" className="sl-quiet">
        {text.at(timeText(at))}
      </Text>
    </div>
  );
}

function Cause({ cause, actions }: { cause: ProbeCause; actions: readonly RemedyAction[] }) {
  return (
    <section className="sl-finding" data-severity="red" aria-label={cause.title}>
      <Stack gap={6}>
        <Text fw={600}>
          {cause.title} ({text.sure[cause.confidence]})
        </Text>
        <Text>{cause.cause}</Text>
        <Remedies remedies={cause.remedies} actions={actions} />
        <details>
          <summary>{text.seen}</summary>
          <pre className="sl-pre">{cause.evidence.join('\n')}</pre>
        </details>
        <Text size="xs" className="sl-quiet">
          {text.reference(cause.id)}
        </Text>
      </Stack>
    </section>
  );
}
