import { Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { core } from '../../state/core.ts';
import { useHello } from '../../state/hello.ts';
import { goTo } from '../../state/route.ts';
import type { ShownError } from '../../state/shown-error.ts';
import { type JobUse, useJob } from '../../state/use-job.ts';
import { answer, useWizard } from '../../state/wizard.ts';
import { appText } from '../../text/app.ts';
import { homeText as text } from '../../text/home.ts';
import { CommandsAbout } from '../../ui/commands-about.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { FindingList } from '../../ui/finding-card.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import { Screen } from '../../ui/screen.tsx';
import { SideDrawer } from '../../ui/side-drawer.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { closeLog, considerRemoval, followSites, type Sites, useHome } from './home-store.ts';
import { PartsTable } from './parts-table.tsx';
import { RemovalDialogue } from './removal-dialogue.tsx';
import './home.css';

/** Three doors before there is a site, then how the sites stand. */
export default function HomeScreen() {
  useEffect(followSites, []);
  const { sites, error, refused, log } = useHome();
  const isFirst = sites?.sites.length === 0;
  return (
    <Screen title={text.title} lead={isFirst ? text.firstLead : text.lead}>
      {error && <ErrorPanel error={error} />}
      {refused && <ErrorPanel error={refused} />}
      {!sites && !error && <Text>{appText.loading}</Text>}
      {isFirst && <Doors />}
      {sites?.sites.map((site) => (
        <CommandsAbout key={site.name} site={site.name}>
          <SiteHealth site={site} all={sites} />
        </CommandsAbout>
      ))}
      <RemovalDialogue />
      <SideDrawer isOpen={log !== undefined} close={closeLog} title={log ? text.logOf(log.part) : ''} width={640}>
        <pre className="sl-pre">{log?.lines.join('\n')}</pre>
      </SideDrawer>
    </Screen>
  );
}

/** A refusal, or how the newest job failed: an older failure that another job came after says nothing of now. */
function currentError(...uses: Pick<JobUse<unknown>, 'job' | 'error'>[]): ShownError | undefined {
  const begun = uses.map(({ job }) => job?.startedAt ?? '').sort();
  return uses.find(({ job, error }) => error && (error !== job?.error || job.startedAt === begun.at(-1)))?.error;
}

/** The steps work with one site: with the one that is to be probed from now on. */
async function probe({ siteFile }: Sites['sites'][number]): Promise<void> {
  const isOther = siteFile !== undefined && siteFile !== useWizard.getState().state?.site?.path;
  if (isOther && !(await answer({ siteFile }))) return;
  goTo('probe');
}

function Doors() {
  return (
    <SimpleGrid cols={3}>
      {text.doors.map(([place, title, lead]) => (
        <a key={place} className="sl-door" href={`#/${place}`}>
          <strong>{title}</strong>
          <Text className="sl-quiet">{lead}</Text>
        </a>
      ))}
    </SimpleGrid>
  );
}

function SiteHealth({ site, all }: { site: Sites['sites'][number]; all: Sites }) {
  const mayWrite = useHello((one) => one.hello?.mayWrite ?? false);
  const start = useJob('site', 'start', site.name);
  const stop = useJob('site', 'stop', site.name);
  const uninstall = useJob('site', 'uninstall', site.name);
  const findings = all.findings.filter((one) => one.site === site.name);
  const parts = all.parts.filter((part) => part.site === site.name);
  const bad = findings.filter((one) => one.severity !== 'green').length;
  const running = [start, stop, uninstall].find((one) => one.isRunning);
  const error = currentError(start, stop, uninstall);
  const begin = () => void start.start(() => core().site.start({ site: site.name }));
  return (
    <Stack gap={12} className="sl-panel">
      <Title order={2}>
        <StateMark status={bad === 0 ? 'done' : 'look'} wordless />{' '}
        {bad === 0 ? text.healthy(site.name) : text.notWell(site.name, bad)}
      </Title>
      {error && <ErrorPanel error={error} />}
      {running?.job && <JobProgress job={running.job} />}
      <FindingList findings={findings} actions={[{ fits: /sealift start/, act: begin }]} />
      <PartsTable parts={parts} />
      <Group gap={8} justify="flex-end">
        <Button variant="default" onClick={() => void probe(site)}>
          {text.probe}
        </Button>
        {site.service === 'running' ? (
          <Button
            variant="default"
            disabled={!mayWrite || running !== undefined}
            onClick={() => void stop.start(() => core().site.stop({ site: site.name }))}
          >
            {text.stop}
          </Button>
        ) : (
          <Button disabled={!mayWrite || running !== undefined} onClick={begin}>
            {text.start}
          </Button>
        )}
        <Button variant="subtle" disabled={!mayWrite} onClick={() => void considerRemoval(site.name, true)}>
          {text.remove}
        </Button>
      </Group>
    </Stack>
  );
}
