import { Button, Group, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { core } from '../../state/core.ts';
import { useHello } from '../../state/hello.ts';
import { newestJob, useJobs } from '../../state/jobs.ts';
import { useJob } from '../../state/use-job.ts';
import { useWizard } from '../../state/wizard.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { Screen } from '../../ui/screen.tsx';
import { TokenField } from '../../ui/token-field.tsx';
import { TrustBadge } from '../../ui/trust-badge.tsx';
import { askGitlabPlan, useGitlabPlan } from './gitlab-store.ts';
import { SettingSteps } from './setting-steps.tsx';
import { SettingsTable } from './settings-table.tsx';

/** The plan of the site's GitLab version, setting it and comparing. */
export default function GitlabScreen() {
  const site = useWizard((wizard) => wizard.state?.site);
  const mayWrite = useHello((one) => one.hello?.mayWrite ?? false);
  const { plan, error } = useGitlabPlan();
  const apply = useJob('gitlab', 'apply', site?.path);
  const check = useJob('gitlab', 'check', site?.path);
  const newest = useJobs(
    ({ byId }) => newestJob(byId, ['gitlab.apply', 'gitlab.check'], { subject: site?.path })?.kind,
  );
  const [token, setToken] = useState('');
  const path = site?.content ? site.path : undefined;
  const version = site?.content?.gitlab.version;
  useEffect(() => {
    if (path && version) void askGitlabPlan(path);
  }, [path, version]);
  if (!path)
    return (
      <Screen title={text.title} lead={text.lead}>
        <Text>{text.needSite}</Text>
        <a href="#/deploy">{text.toDeploy}</a>
      </Screen>
    );
  const shown = newest === 'gitlab.check' ? check : apply;
  const isBusy = apply.isRunning || check.isRunning;
  const begin = (verb: 'apply' | 'check') => {
    const input = { siteFile: path, ...(token !== '' && { token }) };
    setToken('');
    void (verb === 'apply' ? apply : check).start(() => core().gitlab[verb](input));
  };
  const needsToken = site?.content?.gitlab.simulated !== true;
  const isReady = !isBusy && (!needsToken || token !== '');
  return (
    <Screen
      title={text.title}
      lead={text.lead}
      actions={
        plan && (
          <Group gap={8}>
            <Button variant="default" disabled={!isReady} onClick={() => begin('check')}>
              {text.compare}
            </Button>
            <Button disabled={!isReady || !mayWrite || !plan.era.canApply} onClick={() => begin('apply')}>
              {isBusy ? text.working : text.apply}
            </Button>
          </Group>
        )
      }
    >
      {error && <ErrorPanel error={error} />}
      {plan && (
        <Stack gap={16}>
          <Group gap={8}>
            <Text fw={600}>
              GitLab {plan.gitlabVersion}: {plan.era.title}
            </Text>
            {plan.simulated && <TrustBadge mark="simulated" />}
          </Group>
          {!plan.era.canApply && <Text className="sl-look">▲ {text.manual}</Text>}
          {plan.notes.map((note) => (
            <section key={note.id} className="sl-finding" data-severity={note.severity}>
              {note.text}
            </section>
          ))}
          {needsToken ? (
            <TokenField token={token} onChange={setToken} />
          ) : (
            <Text className="sl-quiet">{text.tokenSimulated}</Text>
          )}
          {shown.error && <ErrorPanel error={shown.error} />}
          {isBusy && shown.job && <JobProgress job={shown.job} />}
          {shown.result && shown.result.site === site?.content?.name && <SettingsTable result={shown.result} />}
          <SettingSteps plan={plan} />
        </Stack>
      )}
    </Screen>
  );
}
