import { Button, Group, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { GitlabPlan } from '../../../shared/contract/gitlab.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { core } from '../../state/core.ts';
import { useHello } from '../../state/hello.ts';
import { newestJob, useJobs } from '../../state/jobs.ts';
import { useJob } from '../../state/use-job.ts';
import { useWizard } from '../../state/wizard.ts';
import { gitlabText as text } from '../../text/gitlab.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { NeedsSite } from '../../ui/needs-site.tsx';
import { Screen } from '../../ui/screen.tsx';
import { TokenField } from '../../ui/token-field.tsx';
import { TrustBadge } from '../../ui/trust-badge.tsx';
import { askGitlabPlan, useGitlabPlan } from './gitlab-store.ts';
import { SettingSteps } from './setting-steps.tsx';
import { SettingsTable } from './settings-table.tsx';

/** The plan of the site's GitLab version, setting it and comparing. */
export default function GitlabScreen() {
  const site = useWizard((wizard) => wizard.state?.site);
  return site?.content ? <OfSite path={site.path} content={site.content} /> : <NeedsSite text={text} />;
}

function OfSite({ path, content }: { path: string; content: SiteFile }) {
  const known = useGitlabPlan();
  const { plan, error } = known.siteFile === path ? known : {};
  const { begin, isBusy, shown } = useSettingJobs(path);
  const [token, setToken] = useState('');
  const { simulated } = content.gitlab;
  const written = JSON.stringify(content);
  // The plan is made anew when the file reads otherwise.
  useEffect(() => {
    if (written) void askGitlabPlan(path);
  }, [path, written]);
  const start = (verb: Verb) => {
    setToken('');
    begin(verb, token);
  };
  const isReady = !isBusy && (simulated || token !== '');
  return (
    <Screen
      title={text.title}
      lead={text.lead}
      siteFile={path}
      actions={plan && <Actions plan={plan} isReady={isReady} isBusy={isBusy} start={start} />}
    >
      {error && <ErrorPanel error={error} />}
      {plan && (
        <Stack gap={16}>
          <Era plan={plan} />
          {simulated ? (
            <Text className="sl-quiet">{text.tokenSimulated}</Text>
          ) : (
            <TokenField token={token} onChange={setToken} />
          )}
          {shown.error && <ErrorPanel error={shown.error} />}
          {isBusy && shown.job && <JobProgress job={shown.job} />}
          {shown.result?.site === content.name && <SettingsTable result={shown.result} />}
          <SettingSteps plan={plan} />
        </Stack>
      )}
    </Screen>
  );
}

type Verb = 'apply' | 'check';

/** Setting and comparing for one site, and whichever of both was begun last. */
function useSettingJobs(siteFile: string) {
  const apply = useJob('gitlab', 'apply', siteFile);
  const check = useJob('gitlab', 'check', siteFile);
  const newest = useJobs(({ byId }) => newestJob(byId, ['gitlab.apply', 'gitlab.check'], { subject: siteFile })?.kind);
  return {
    begin: (verb: Verb, token: string) => {
      const input = { siteFile, ...(token !== '' && { token }) };
      void (verb === 'apply' ? apply : check).start(() => core().gitlab[verb](input));
    },
    isBusy: apply.isRunning || check.isRunning,
    shown: newest === 'gitlab.check' ? check : apply,
  };
}

function Actions(props: { plan: GitlabPlan; isReady: boolean; isBusy: boolean; start(verb: Verb): void }) {
  const { plan, isReady, isBusy, start } = props;
  const mayWrite = useHello((one) => one.hello?.mayWrite ?? false);
  return (
    <Group gap={8}>
      <Button variant="default" disabled={!isReady} onClick={() => start('check')}>
        {text.compare}
      </Button>
      <Button disabled={!isReady || !mayWrite || !plan.era.canApply} onClick={() => start('apply')}>
        {isBusy ? text.working : text.apply}
      </Button>
    </Group>
  );
}

/** Which era's plan this is, and what to know of it first. */
function Era({ plan }: { plan: GitlabPlan }) {
  return (
    <>
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
    </>
  );
}
