import { Button, Group, Text } from '@mantine/core';
import type { WizardStep } from '../../../shared/contract/wizard.ts';
import type { Mark } from '../../../shared/mark.ts';
import { evidenceMarks } from '../../../shared/site-health.ts';
import { wordsOf } from '../../../shared/step-words.ts';
import { timeText } from '../../../shared/time-text.ts';
import type { Place } from '../../state/places.ts';
import { useWizard } from '../../state/wizard.ts';
import { appText } from '../../text/app.ts';
import { homeText as text } from '../../text/home.ts';
import { statesText } from '../../text/states.ts';
import { isFinished } from '../../ui/next-step.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import type { Sites } from './home-store.ts';

type Site = Sites['sites'][number];

/** Something that a running site still lacks, and where it is done. */
export interface Left {
  status: Mark;
  words: string;
  place: Place;
  /** Of the button to that place. Absent if the site's own buttons do the same. */
  label?: string;
}

/** Returns what the last probe leaves to do: nothing only if every hop answered, without a doubt. */
export function probeLeft(site: Site): Left[] {
  const { lastProbe } = site;
  const left = { status: evidenceMarks(site).probe, place: 'probe' as const };
  if (!lastProbe) return [{ ...left, words: text.notProbed }];
  const { at, failedHop, doubt } = lastProbe;
  const when = timeText(at);
  if (failedHop) return [{ ...left, words: text.probeFailed(failedHop, when), label: text.toProbe }];
  return doubt ? [{ ...left, words: text.probeDoubt(doubt, when), label: text.toProbe }] : [];
}

/** Returns what GitLab still lacks for this site. */
export function setupLeft(site: Site): Left[] {
  const { gitlabSettings } = site;
  if (gitlabSettings === 'set') return [];
  const words = gitlabSettings === 'differs' ? text.gitlabDiffers : text.gitlabNotSet;
  return [{ status: evidenceMarks(site).gitlab, words, place: 'gitlab', label: text.toGitlab }];
}

/** Shows the last probe of a site, and each thing that is left to do with a button to its screen. */
export function LeftToDo({ site, left, go }: { site: Site; left: readonly Left[]; go(place: Place): void }) {
  const { lastProbe } = site;
  const next = left.find((one) => one.label);
  const steps = useStepsOf(site);
  const done = steps.filter(isFinished).map(({ id }) => appText.steps[id]);
  const report = steps.find(({ id }) => id === 'report');
  const reportNote = report?.said && wordsOf(statesText.steps, report.said);
  const isGood = lastProbe && !left.some((one) => one.place === 'probe');
  return (
    <ul className="sl-left" aria-label={text.leftToDo}>
      {done.length > 0 && (
        <li>
          <StateMark status="done" wordless /> {done.join(', ')}
        </li>
      )}
      {isGood && (
        <li>
          <StateMark status="done" wordless />{' '}
          {text.probeGood(lastProbe.hops, lastProbe.notChecked, timeText(lastProbe.at))}
        </li>
      )}
      {left.map((one) => (
        <li key={one.place}>
          <Group justify="space-between" gap={8}>
            <Text className="sl-grow">
              <StateMark status={one.status} wordless /> {one.words}
            </Text>
            {one.label && (
              <Button
                size="compact-sm"
                variant={one === next && site.service === 'running' ? 'filled' : 'default'}
                onClick={() => go(one.place)}
              >
                {one.label}
              </Button>
            )}
          </Group>
        </li>
      ))}
      {report && !isFinished(report) && (
        <li>
          <Group justify="space-between" gap={8}>
            <Text className="sl-grow">
              <StateMark status={report.status} wordless /> {appText.steps.report}: {reportNote ?? report.summary}
            </Text>
            <Button size="compact-sm" variant="default" onClick={() => go('report')}>
              {text.toReport}
            </Button>
          </Group>
        </li>
      )}
    </ul>
  );
}

/** Returns the steps if they are about this site, without the probe, which has a line of its own. */
function useStepsOf({ siteFile }: Site): WizardStep[] {
  const wizard = useWizard(({ state }) => state);
  if (siteFile === undefined || wizard?.site?.path !== siteFile) return [];
  return wizard.steps.filter(({ id }) => id !== 'probe');
}
