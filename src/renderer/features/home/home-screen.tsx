import { Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { core } from '../../state/core.ts';
import { useMayWrite } from '../../state/hello.ts';
import { goTo, type Place } from '../../state/route.ts';
import type { ShownError } from '../../state/shown-error.ts';
import { type JobUse, useJob } from '../../state/use-job.ts';
import { answer, useWizard } from '../../state/wizard.ts';
import { appText } from '../../text/app.ts';
import { homeText as text } from '../../text/home.ts';
import { CommandsAbout } from '../../ui/commands-about.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { FindingList } from '../../ui/finding-card.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';
import type { RemedyAction } from '../../ui/remedies.tsx';
import { Screen } from '../../ui/screen.tsx';
import { SideDrawer } from '../../ui/side-drawer.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { AskModel } from './ask-model.tsx';
import { closeLog, considerRemoval, followSites, nameOfPart, readLog, type Sites, useHome } from './home-store.ts';
import { LeftToDo, probeLeft, setupLeft } from './left-to-do.tsx';
import { PartsTable } from './parts-table.tsx';
import { RemovalDialog } from './removal-dialog.tsx';
import './home.css';

/** Shows three ways to start while there is no site, then the status of each site. */
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
      <RemovalDialog />
      <SideDrawer
        isOpen={log !== undefined}
        close={closeLog}
        title={log ? text.logOf(nameOfPart(log.part)) : ''}
        width={640}
      >
        <pre className="sl-pre">{log?.lines.join('\n')}</pre>
      </SideDrawer>
    </Screen>
  );
}

/** Returns a refusal, or the error of the newest job. An older failure that a later job followed no longer counts. */
function currentError(...uses: Pick<JobUse<unknown>, 'job' | 'error'>[]): ShownError | undefined {
  const begun = uses.map(({ job }) => job?.startedAt ?? '').sort();
  return uses.find(({ job, error }) => error && (error !== job?.error || job.startedAt === begun.at(-1)))?.error;
}

/** Makes this the site of the steps, and goes to one of them. */
async function goWith({ siteFile }: Sites['sites'][number], place: Place): Promise<void> {
  const isOther = siteFile !== undefined && siteFile !== useWizard.getState().state?.site?.path;
  if (isOther && !(await answer({ siteFile }))) return;
  goTo(place);
}

/** The part that a command names, otherwise one that is not well, otherwise the model server. */
function partOf(command: string, parts: Sites['parts']): string {
  const named = / --part ([\w-]+)/.exec(command)?.[1];
  return named ?? (parts.find((one) => one.state !== 'running') ?? parts[0])?.name ?? 'model';
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
  const mayWrite = useMayWrite();
  const start = useJob('site', 'start', site.name);
  const stop = useJob('site', 'stop', site.name);
  const uninstall = useJob('site', 'uninstall', site.name);
  const findings = all.findings.filter((one) => one.site === site.name);
  const parts = all.parts.filter((part) => part.site === site.name);
  const left = [...probeLeft(site), ...setupLeft(site)];
  const isRed = left.some((one) => one.status === 'blocked');
  const bad = findings.filter((one) => one.severity !== 'green').length;
  const running = [start, stop, uninstall].find((one) => one.isRunning);
  const error = currentError(start, stop, uninstall);
  const begin = () => void start.start(() => core().site.start({ site: site.name }));
  const to = (fits: RegExp, place: Place) => ({ fits, act: () => void goWith(site, place) });
  const actions: RemedyAction[] = [
    ...(mayWrite && !running ? [{ fits: /^sealift start\b/, act: begin }] : []),
    ...(mayWrite ? [{ fits: /^sealift uninstall\b/, act: () => void considerRemoval(site.name, true) }] : []),
    { fits: /^sealift logs\b/, act: (command) => void readLog(site.name, partOf(command, parts)) },
    to(/^sealift deploy\b/, 'deploy'),
    to(/^sealift (--home \S+ )?probe\b/, 'probe'),
    to(/^sealift gitlab\b/, 'gitlab'),
  ];
  return (
    <Stack gap={12} className="sl-panel">
      <Title order={2}>
        <StateMark status={isRed ? 'blocked' : bad + left.length > 0 || error ? 'look' : 'done'} wordless />{' '}
        {headline(site.name, { bad, hasFailed: error !== undefined, isRed, isFinished: left.length === 0 })}
      </Title>
      {error && <ErrorPanel error={error} actions={actions} />}
      {running?.job && <JobProgress job={running.job} />}
      <FindingList findings={findings} actions={actions} />
      <LeftToDo site={site} left={left} go={(place) => void goWith(site, place)} />
      <PartsTable parts={parts} />
      {site.service === 'running' && <AskModel site={site.name} />}
      <SiteButtons
        site={site}
        mayStart={mayWrite && !running}
        start={begin}
        stop={() => void stop.start(() => core().site.stop({ site: site.name }))}
      />
    </Stack>
  );
}

/** Names the site and what matters most about it. */
function headline(
  site: string,
  { bad, hasFailed, isRed, isFinished }: { bad: number; hasFailed: boolean; isRed: boolean; isFinished: boolean },
): string {
  if (bad > 0) return text.notWell(site, bad);
  if (hasFailed) return text.actionFailed(site);
  if (isRed) return text.probeRed(site);
  return isFinished ? text.healthy(site) : text.unfinished(site);
}

function SiteButtons(props: { site: Sites['sites'][number]; mayStart: boolean; start(): void; stop(): void }) {
  const { site, mayStart, start, stop } = props;
  const mayWrite = useMayWrite();
  const isRunning = site.service === 'running';
  return (
    <Group gap={8} justify="flex-end">
      <Button variant="default" onClick={() => void goWith(site, 'probe')}>
        {text.probe}
      </Button>
      <Button variant={isRunning ? 'default' : 'filled'} disabled={!mayStart} onClick={isRunning ? stop : start}>
        {isRunning ? text.stop : text.start}
      </Button>
      <Button variant="subtle" disabled={!mayWrite} onClick={() => void considerRemoval(site.name, true)}>
        {text.remove}
      </Button>
    </Group>
  );
}
