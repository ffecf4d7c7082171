import { Button, Group, Stack, Title } from '@mantine/core';
import { evidenceMarks, siteHealth } from '../../../shared/site-health.ts';
import { core } from '../../state/core.ts';
import { useMayWrite } from '../../state/hello.ts';
import type { Place } from '../../state/places.ts';
import { goTo } from '../../state/route.ts';
import type { ShownError } from '../../state/shown-error.ts';
import { type JobUse, useJob } from '../../state/use-job.ts';
import { answer, useWizard } from '../../state/wizard.ts';
import { homeText as text } from '../../text/home.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { FindingList } from '../../ui/finding-card.tsx';
import { IconSend } from '../../ui/icons.ts';
import { JobProgress } from '../../ui/job-progress.tsx';
import type { RemedyAction } from '../../ui/remedies.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { AskModel } from './ask-model.tsx';
import { FigureCard, MemoryCard, SpeedCard } from './figure-cards.tsx';
import { considerRemoval, readLog, type Sites } from './home-store.ts';
import { type Left, LeftToDo, probeLeft, setupLeft } from './left-to-do.tsx';
import { partOf } from './part-of.ts';
import { PartsTable } from './parts-table.tsx';
import { SitePath } from './site-path.tsx';

type Site = Sites['sites'][number];

/** Everything about one site: how it is, the way of a request, its figures, what is left to do, and its parts. */
export default function SiteBoard({ site, all }: { site: Site; all: Sites }) {
  const parts = all.parts.filter((part) => part.site === site.name);
  const left = [...probeLeft(site), ...setupLeft(site)];
  const go = (place: Place) => void goWith(site, place);
  return (
    <section className="sl-board" aria-label={site.name}>
      <Health site={site} parts={parts} findings={all.findings.filter((one) => one.site === site.name)} left={left} />
      <div className="sl-board-row">
        <SpeedCard site={site} parts={parts} />
        <MemoryCard isRunning={site.service === 'running'} parts={parts} />
        {site.service === 'running' && (
          <FigureCard title={text.question} Icon={IconSend}>
            <AskModel site={site.name} models={site.models} />
          </FigureCard>
        )}
      </div>
      <section className="sl-panel">
        <Title order={3} className="sl-card-title">
          {text.leftToDo}
        </Title>
        <LeftToDo site={site} left={left} go={go} />
      </section>
      <section className="sl-panel">
        <Title order={3} className="sl-card-title">
          {text.parts}
        </Title>
        <PartsTable parts={parts} />
      </section>
    </section>
  );
}

interface HealthProps {
  site: Site;
  parts: Sites['parts'];
  findings: Sites['findings'];
  left: readonly Left[];
}

/** The headline is as bad as the site, and worth a look if an action failed. */
function Health({ site, parts, findings, left }: HealthProps) {
  const mayWrite = useMayWrite();
  const start = useJob('site', 'start', site.name);
  const stop = useJob('site', 'stop', site.name);
  const uninstall = useJob('site', 'uninstall', site.name);
  const isProbeRed = evidenceMarks(site).probe === 'blocked';
  const health = siteHealth(site, findings);
  const bad = findings.filter((one) => one.severity !== 'green').length;
  const running = [start, stop, uninstall].find((one) => one.isRunning);
  const error = currentError(start, stop, uninstall);
  const begin = () => void start.start(() => core().site.start({ site: site.name }));
  const end = () => void stop.start(() => core().site.stop({ site: site.name }));
  const actions = remedyActions(site, parts, { mayWrite, ...(running ? {} : { begin }) });
  const mark = health === 'done' && error ? 'look' : health;
  return (
    <Stack gap={16} className="sl-panel">
      <Group justify="space-between" gap={8}>
        <Title order={2} className="sl-state" data-mark={mark}>
          <StateMark status={mark} wordless />{' '}
          {headline(site.name, { bad, hasFailed: error !== undefined, isProbeRed, isFinished: left.length === 0 })}
        </Title>
        <SiteButtons
          site={site}
          hasNext={left.some((one) => one.label !== undefined)}
          mayStart={mayWrite && !running}
          start={begin}
          stop={end}
        />
      </Group>
      <SitePath site={site} parts={parts} />
      {error && <ErrorPanel error={error} actions={actions} />}
      {running?.job && <JobProgress job={running.job} />}
      <FindingList findings={findings} actions={actions} />
    </Stack>
  );
}

/** Returns a refusal, or the error of the newest job. An older failure that a later job followed no longer counts. */
function currentError(...uses: Pick<JobUse<unknown>, 'job' | 'error'>[]): ShownError | undefined {
  const begun = uses.map(({ job }) => job?.startedAt ?? '').sort();
  return uses.find(({ job, error }) => error && (error !== job?.error || job.startedAt === begun.at(-1)))?.error;
}

/** Makes this the site of the steps, and goes to one of them. */
async function goWith({ siteFile }: Site, place: Place): Promise<void> {
  const isOther = siteFile !== undefined && siteFile !== useWizard.getState().state?.site?.path;
  if (isOther && !(await answer({ siteFile }))) return;
  goTo(place);
}

/** What the window does for the commands that remedies name. */
function remedyActions(
  site: Site,
  parts: Sites['parts'],
  { mayWrite, begin }: { mayWrite: boolean; begin?: () => void },
): RemedyAction[] {
  const to = (fits: RegExp, place: Place) => ({ fits, act: () => void goWith(site, place) });
  return [
    ...(mayWrite && begin ? [{ fits: /^sealift start\b/, act: begin }] : []),
    ...(mayWrite ? [{ fits: /^sealift uninstall\b/, act: () => void considerRemoval(site.name) }] : []),
    { fits: /^sealift logs\b/, act: (command) => void readLog(site.name, partOf(command, parts)) },
    to(/^sealift deploy\b/, 'deploy'),
    to(/^sealift (--home \S+ )?probe\b/, 'probe'),
    to(/^sealift gitlab\b/, 'gitlab'),
  ];
}

/** Names the site and what matters most about it. */
function headline(
  site: string,
  {
    bad,
    hasFailed,
    isProbeRed,
    isFinished,
  }: { bad: number; hasFailed: boolean; isProbeRed: boolean; isFinished: boolean },
): string {
  if (bad > 0) return text.notWell(site, bad);
  if (hasFailed) return text.actionFailed(site);
  if (isProbeRed) return text.probeRed(site);
  return isFinished ? text.healthy(site) : text.unfinished(site);
}

/** `hasNext`: a button of what is left to do leads on. */
function SiteButtons(props: { site: Site; hasNext: boolean; mayStart: boolean; start(): void; stop(): void }) {
  const { site, hasNext, mayStart, start, stop } = props;
  const mayWrite = useMayWrite();
  const isRunning = site.service === 'running';
  return (
    <Group gap={8}>
      <Button size="compact-md" variant="subtle" disabled={!mayWrite} onClick={() => void considerRemoval(site.name)}>
        {text.remove}
      </Button>
      <Button
        size="compact-md"
        variant={isRunning ? 'default' : 'filled'}
        disabled={!mayStart}
        onClick={isRunning ? stop : start}
      >
        {isRunning ? text.stop : text.start}
      </Button>
      <Button
        size="compact-md"
        variant={isRunning && !hasNext ? 'filled' : 'default'}
        onClick={() => void goWith(site, 'probe')}
      >
        {text.probe}
      </Button>
    </Group>
  );
}
