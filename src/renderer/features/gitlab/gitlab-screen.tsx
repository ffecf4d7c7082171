import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import type { GitlabPlan } from '../../../shared/contract/gitlab.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { useMayWrite } from '../../state/hello.ts';
import { useWizard } from '../../state/wizard.ts';
import { appText } from '../../text/app.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import { CommandLine } from '../../ui/command-line.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { lazyPart } from '../../ui/lazy-part.ts';
import { NeedsSite } from '../../ui/needs-site.tsx';
import { NextStep, useIsFinished } from '../../ui/next-step.tsx';
import { Screen } from '../../ui/screen.tsx';
import { TokenField } from '../../ui/token-field.tsx';
import { TrustBadge } from '../../ui/trust-badge.tsx';
import { askGitlabPlan, useGitlabPlan } from './gitlab-store.ts';
import { PersonSteps, useDoneSteps } from './person-steps.tsx';
import { GatewayVariables, SealiftSteps } from './sealift-steps.tsx';
import { useSettingJobs, type Verb } from './setting-jobs.ts';
import { SettingsTable } from './settings-table.tsx';
import { type StepChecks, useStepChecks } from './step-checks.ts';
import { UndoPanel } from './undo-panel.tsx';
import './gitlab.css';

const FlowDrawings = lazyPart(() => import('./flow-drawings.tsx'));

/** Shows the settings for the site's GitLab version, applies them, and compares them. */
export default function GitlabScreen() {
  const site = useWizard((wizard) => wizard.state?.site);
  return site?.content ? <OfSite path={site.path} content={site.content} /> : <NeedsSite text={text} />;
}

function OfSite({ path, content }: { path: string; content: SiteFile }) {
  const known = useGitlabPlan();
  const { plan, error } = known.siteFile === path ? known : {};
  const jobs = useSettingJobs(path);
  const { begin, isBusy, shown, settings, undone } = jobs;
  const [token, setToken] = useState('');
  const tokenField = useTokenFirst(token);
  const { checks, error: probeError } = useStepChecks({ path, site: content.name, era: plan?.era.id, token, jobs });
  const { simulated } = content.gitlab;
  useFreshPlan(path, JSON.stringify(content));
  const start = (verb: Verb) => begin(verb, token);
  const mayWrite = useMayWrite();
  const isReady = !isBusy && (simulated || token !== '');
  const canApply = isReady && mayWrite && plan?.era.canApply === true;
  const can: Record<Verb, boolean> = { check: isReady, apply: canApply, 'undo-plan': canApply, undo: canApply };
  const again = (['apply', 'check'] as const)
    .filter((verb) => can[verb])
    .map((verb) => ({ fits: new RegExp(`^sealift gitlab ${verb}\\b`), act: () => start(verb) }));
  const ofSite = !shown.error && settings?.site === content.name ? settings : undefined;
  const results = ofSite && <SettingsTable result={ofSite} />;
  // What differs is shown before the steps.
  const differs = ofSite?.applied.some((one) => one.state === 'differs') ?? false;
  return (
    <Screen
      title={text.title}
      lead={plan && !plan.era.canApply ? text.manualLead : text.lead}
      siteFile={path}
      actions={plan && <Actions can={can} isBusy={isBusy} start={start} />}
    >
      {error && <ErrorPanel error={error} />}
      {!plan && !error && <Text>{appText.loading}</Text>}
      {plan && (
        <Stack gap={16}>
          <Era plan={plan} isSet={results !== undefined && !differs} />
          {shown.error && <ErrorPanel error={shown.error} actions={again} />}
          {probeError && <ErrorPanel error={probeError} />}
          {isBusy && shown.job && <JobProgress job={shown.job} />}
          {differs && results}
          {!shown.error && !isBusy && undone?.site === content.name && (
            <UndoPanel key={undone.at} undone={undone} undo={can.undo ? () => start('undo') : undefined} />
          )}
          <TwoLists site={content.name} plan={plan} checks={simulated ? checks : tokenField.before(checks)}>
            {simulated ? (
              <Text className="sl-quiet">{text.tokenSimulated}</Text>
            ) : (
              <TokenField token={token} onChange={setToken} error={tokenField.error} ref={tokenField.ref} />
            )}
          </TwoLists>
          {!differs && results}
          {plan.script !== undefined && <Script siteFile={path} />}
          <GatewayVariables variables={plan.gatewayVariables} />
          <Flows siteFile={path} content={JSON.stringify(content)} />
        </Stack>
      )}
    </Screen>
  );
}

/** Names the command that prints the steps as a script, folded. */
function Script({ siteFile }: { siteFile: string }) {
  return (
    <details>
      <summary>{text.script}</summary>
      <CommandLine command={`sealift gitlab plan ${shellWord(siteFile)} --script > gitlab-steps.sh`} />
    </details>
  );
}

/** Who asks whom, folded; drawn again when `content`, that of the site file, changes. */
function Flows({ siteFile, content }: { siteFile: string; content: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.flows}</summary>
      <Suspense>{isOpen && <FlowDrawings key={content} siteFile={siteFile} />}</Suspense>
    </details>
  );
}

/** What Sealift sets, with the token for it, beside what a person does. */
function TwoLists(props: { site: string; plan: GitlabPlan; checks: StepChecks; children: ReactNode }) {
  const { site, plan, checks, children } = props;
  const ours = plan.steps.filter((step) => step.appliesBy === 'graphql');
  const theirs = plan.steps.filter((step) => step.appliesBy !== 'graphql');
  const of = { site, gitlabVersion: plan.gitlabVersion };
  const done = useDoneSteps(of, theirs, checks);
  return (
    <div className="sl-two-lists">
      <section className="sl-panel" aria-label={text.ours}>
        <Title order={2}>{text.ours}</Title>
        {children}
        <SealiftSteps steps={ours} checks={checks} />
      </section>
      {theirs.length > 0 && (
        <section className="sl-panel" aria-label={text.theirs}>
          <Group justify="space-between" gap={8}>
            <Title order={2}>{text.theirs}</Title>
            <Text className="sl-quiet" role="status">
              {text.progress(done, theirs.length)}
            </Text>
          </Group>
          <PersonSteps of={of} steps={theirs} checks={checks} />
        </section>
      )}
    </div>
  );
}

/** Sends a person who wants a check without a token to the field for it, and says there what is missing. */
function useTokenFirst(token: string) {
  const ref = useRef<HTMLInputElement>(null);
  const [isWanted, setWanted] = useState(false);
  const ask = () => {
    setWanted(true);
    ref.current?.focus();
  };
  return {
    ref,
    error: isWanted && token === '' ? text.tokenFirst : undefined,
    before: (checks: StepChecks): StepChecks => (token === '' ? { ...checks, check: ask } : checks),
  };
}

/** Refreshes the plan when the site file changes. */
function useFreshPlan(path: string, content: string): void {
  useEffect(() => {
    if (content) void askGitlabPlan(path);
  }, [path, content]);
}

function Actions({ can, isBusy, start }: { can: Record<Verb, boolean>; isBusy: boolean; start(verb: Verb): void }) {
  const isFinished = useIsFinished('gitlab');
  useUnfoldedPrint();
  return (
    <Group gap={8}>
      <Button variant="subtle" onClick={() => print()}>
        {text.print}
      </Button>
      <Button variant="subtle" disabled={!can['undo-plan']} onClick={() => start('undo-plan')}>
        {text.undo.start}
      </Button>
      <Button variant="default" disabled={!can.check} onClick={() => start('check')}>
        {text.compare}
      </Button>
      <Button variant={isFinished ? 'default' : 'filled'} disabled={!can.apply} onClick={() => start('apply')}>
        {isBusy ? text.working : text.apply}
      </Button>
      <NextStep after="gitlab" />
    </Group>
  );
}

/** Names the GitLab version of the plan, and shows its notes: folded those that ask for nothing, or for nothing more once all is set. */
function Era({ plan, isSet }: { plan: GitlabPlan; isSet: boolean }) {
  const isFolded = ({ severity }: GitlabPlan['notes'][number]) =>
    severity === 'green' || (isSet && severity === 'amber');
  const toKnow = plan.notes.filter(isFolded);
  const toShow = plan.notes.filter((note) => !isFolded(note));
  return (
    <>
      <Group gap={8}>
        <Text fw={600}>
          GitLab {plan.gitlabVersion}: {plan.era.title}
        </Text>
        <Text className="sl-quiet">{text.installed(plan.installation.title)}</Text>
        {plan.simulated && <TrustBadge mark="simulated" />}
      </Group>
      {!plan.era.canApply && <Text className="sl-look">▲ {text.manual}</Text>}
      {toShow.length > 0 && <Title order={2}>{text.notes}</Title>}
      <Notes notes={toShow} />
      {toKnow.length > 0 && (
        <details>
          <summary>{toShow.length > 0 ? text.toKnow(toKnow.length) : `${text.notes} (${toKnow.length})`}</summary>
          <Stack gap={8} pt={8}>
            <Notes notes={toKnow} />
          </Stack>
        </details>
      )}
    </>
  );
}

function Notes({ notes }: { notes: GitlabPlan['notes'] }) {
  return notes.map((note) => (
    <section key={note.id} className="sl-finding" data-severity={note.severity}>
      <strong>{text.note[note.severity]}:</strong> {note.text}
    </section>
  ));
}

/** Prints with everything unfolded, however printing is started: what is folded on the screen would be missing on paper. */
function useUnfoldedPrint(): void {
  useEffect(() => {
    let folded: HTMLDetailsElement[] = [];
    const set = (isOpen: boolean) => {
      for (const one of folded) one.open = isOpen;
    };
    const unfold = () => {
      folded = [...document.querySelectorAll<HTMLDetailsElement>('#content details:not([open])')];
      set(true);
    };
    const fold = () => set(false);
    addEventListener('beforeprint', unfold);
    addEventListener('afterprint', fold);
    return () => {
      removeEventListener('beforeprint', unfold);
      removeEventListener('afterprint', fold);
    };
  }, []);
}
