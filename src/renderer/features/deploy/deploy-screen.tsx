import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { timeText } from '../../../shared/time-text.ts';
import { core } from '../../state/core.ts';
import { useIsReadOnly, useMayWrite } from '../../state/hello.ts';
import { type JobUse, useJob } from '../../state/use-job.ts';
import { useWizard } from '../../state/wizard.ts';
import { appText } from '../../text/app.ts';
import { deployText as text } from '../../text/deploy.ts';
import { ComeIntoView } from '../../ui/come-into-view.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { FindingList } from '../../ui/finding-card.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { Screen } from '../../ui/screen.tsx';
import { SitePicture } from '../../ui/site-picture.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { lookAtPlan, usePlan } from './deploy-store.ts';
import { PlanGroups } from './plan-groups.tsx';
import { SiteChanges } from './site-changes.tsx';
import { SiteSource } from './site-source.tsx';
import { plannedNotes } from './step-state.ts';

/** Shows the site file and its deployment plan, and deploys it. */
export default function DeployScreen() {
  const site = useWizard((wizard) => wizard.state?.site);
  const mayWrite = useMayWrite();
  const isReadOnly = useIsReadOnly();
  const { plan, error: planError, isLooking } = usePlan();
  const deploy = useJob('site', 'deploy', site?.path);
  const [isEditing, setEditing] = useState(false);
  const path = site?.content ? site.path : undefined;
  const isForm = isEditing || !path;
  useFreshPlan(path, JSON.stringify(site?.content ?? null), deploy.isRunning);
  useOpenAtTop(isForm);
  const changes = plan?.steps.filter((step) => step.state !== 'exists').length ?? 0;
  const isBlocked =
    plan?.findings.some((one) => one.severity === 'red') || plan?.steps.some((step) => step.state === 'blocked');
  const deployed = changes === 0 ? resultFor(deploy, site?.content?.name) : undefined;
  const begin = () => path && void deploy.start(() => core().site.deploy({ siteFile: path }));
  const canDeploy = mayWrite && plan !== undefined && !isLooking && isBlocked !== true && !deploy.isRunning;
  const again = canDeploy ? [{ fits: /^sealift deploy\b/, act: begin }] : [];
  const actions = (
    <Group gap={8}>
      {isBlocked && <Text className="sl-bad">{text.blocked}</Text>}
      <Button variant="default" onClick={() => path && void lookAtPlan(path)} loading={isLooking}>
        {text.planAgain}
      </Button>
      <Button
        variant={plan && changes === 0 ? 'default' : 'filled'}
        disabled={!canDeploy}
        title={isReadOnly ? appText.heldByAnother : undefined}
        onClick={begin}
      >
        {deploy.isRunning ? text.deploying : changes === 0 ? text.verifyOnly : text.deploy(changes)}
      </Button>
      {plan && changes === 0 && !deploy.isRunning && <NextStep after="deploy" isSure={deployed !== undefined} />}
    </Group>
  );
  return (
    <Screen title={text.title} lead={text.lead} siteFile={path} actions={!isForm && actions}>
      {isForm ? (
        <SiteSource isEditing edit={setEditing} />
      ) : (
        <>
          <Stack gap={16} className="sl-panel">
            <SiteSource isEditing={false} edit={setEditing} />
            {site?.content && <SitePicture site={site.content} notes={plannedNotes(plan?.steps ?? [])} />}
          </Stack>
          {deploy.error && <ErrorPanel error={deploy.error} actions={again} />}
          <ComeIntoView isWanted={deploy.isRunning}>
            {deploy.job && deploy.isRunning && <JobProgress job={deploy.job} />}
            {!deploy.error && <Outcome job={deploy.job} deployed={deployed} />}
          </ComeIntoView>
          {planError && <ErrorPanel error={planError} />}
          <SiteChanges changes={plan?.changes} />
          {plan && <FindingList findings={plan.findings} actions={again} />}
          {(plan || isLooking) && (
            <section aria-labelledby="deploy-plan">
              <Title order={2} id="deploy-plan" mb={8}>
                {text.plan}
              </Title>
              {plan ? <PlanGroups steps={plan.steps} /> : <Text>{text.planning}</Text>}
            </section>
          )}
        </>
      )}
    </Screen>
  );
}

/** Refreshes the plan when the file changes and when a deployment ends. */
function useFreshPlan(path: string | undefined, content: string, isDeploying: boolean): void {
  useEffect(() => {
    if (path && content && !isDeploying) void lookAtPlan(path);
  }, [path, content, isDeploying]);
}

/** Scrolls up when form and plan change places: the form is long, and the plan would open at its scroll position. */
function useOpenAtTop(isForm: boolean): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: form and plan each open at the top
  useEffect(() => {
    document.querySelector('#content')?.scrollTo(0, 0);
  }, [isForm]);
}

type Deployed = OutputOf<(typeof contract)['site']['deploy']>;

/** Returns what the newest deployment did, if it was of this site and succeeded. */
function resultFor({ job, result }: JobUse<Deployed>, site: string | undefined): Deployed | undefined {
  return job?.state === 'succeeded' && result?.site === site ? result : undefined;
}

/** Shows how the newest deployment ended; `deployed` is absent if the plan has new changes. */
function Outcome({ job, deployed }: Pick<JobUse<Deployed>, 'job'> & { deployed: Deployed | undefined }) {
  if (job?.state === 'cancelled') return <Text role="status">▲ {appText.stopped(timeText(job.updatedAt))}</Text>;
  if (!deployed) return null;
  const count = (state: Deployed['steps'][number]['state']) =>
    deployed.steps.filter((step) => step.state === state).length;
  return (
    <Text fw={600} role="status">
      <StateMark status="done" wordless />{' '}
      {text.done(timeText(deployed.deployedAt), count('made'), count('changed'), count('kept'))}
    </Text>
  );
}
