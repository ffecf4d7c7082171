import type { WizardState } from '../../../shared/contract/wizard.ts';
import { isEnded, type JobSnapshot } from '../../../shared/jobs.ts';
import { core } from '../../state/core.ts';
import { gitlabInput } from '../../state/gitlab-ask.ts';
import { useMayWrite } from '../../state/hello.ts';
import { newestJob, showJobs, useJobs } from '../../state/jobs.ts';
import { letterOf, type Place, places } from '../../state/places.ts';
import { switchSite, useWizard } from '../../state/wizard.ts';
import { screenNames } from '../../text/app.ts';
import { paletteText as text } from '../../text/palette.ts';

/** Something a person can do from the palette. `run` throws if the core refuses it. */
export interface Command {
  label: string;
  kind: keyof typeof text.kind;
  /** The keys that do the same. */
  keys?: string;
  /** The screen that it leads to, once `run` has begun. Without one, the palette closes first. */
  place?: Place;
  run?(): unknown;
}

/** Returns what can be done now: every screen, the other sites, and the actions whose job does not run yet. */
export function useCommands(showHelp: () => void): Command[] {
  const state = useWizard((wizard) => wizard.state);
  const mayWrite = useMayWrite();
  const byId = useJobs((jobs) => jobs.byId);
  const idle = jobActions(state).filter((one) => !isRunning(byId, one));
  return [
    ...screens(),
    ...(mayWrite ? [...sites(state), ...idle] : []),
    { label: text.jobs, kind: 'action', keys: 'j', run: () => showJobs() },
    { label: text.help, kind: 'action', keys: '?', run: showHelp },
  ];
}

/** Returns the commands whose label has every word of the query, those that begin a word with the query first. */
export function matching(commands: readonly Command[], query: string): Command[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const lower = (one: Command) => one.label.toLowerCase();
  const found = commands.filter((one) => words.every((word) => lower(one).includes(word)));
  const begins = (one: Command) => ` ${lower(one)}`.includes(` ${words.join(' ')}`);
  return [...found.filter(begins), ...found.filter((one) => !begins(one))];
}

function screens(): Command[] {
  return places.map((place) => ({
    label: text.open(screenNames[place]),
    kind: 'screen',
    keys: `g ${letterOf[place]}`,
    place,
  }));
}

function sites(state: WizardState | undefined): Command[] {
  const others = state?.sites.filter((name) => name !== state.site?.content?.name) ?? [];
  return others.map((name) => ({ label: text.toSite(name), kind: 'site', run: () => void switchSite(name) }));
}

/** An action that starts a job of this kind, for this site if given. */
type JobAction = Command & { starts: string; subject?: string };

function jobActions(state: WizardState | undefined): JobAction[] {
  const siteFile = state?.site?.content && state.site.path;
  const outFolder = state?.reportFolder;
  const action = (label: string, starts: string, place: Place, run: () => unknown, subject?: string): JobAction => ({
    label,
    kind: 'action',
    starts,
    place,
    run,
    ...(subject !== undefined && { subject }),
  });
  const ofSite = siteFile
    ? [action(text.probe, 'probe.run', 'probe', () => core().probe.run({ siteFile }), siteFile)]
    : [];
  const report =
    siteFile && outFolder
      ? [action(text.report, 'report.write', 'report', () => core().report.write({ siteFile, outFolder }), siteFile)]
      : [];
  return [
    action(text.check, 'hardware.check', 'readiness', () => core().hardware.check(gitlabInput())),
    ...ofSite,
    ...report,
    action(text.rehearse, 'rehearse.run', 'rehearse', () => core().rehearse.run({})),
  ];
}

function isRunning(byId: Record<string, JobSnapshot>, { starts, subject }: JobAction): boolean {
  const job = newestJob(byId, [starts], { subject });
  return job !== undefined && !isEnded(job);
}
