import type { ProbeResult } from '../../../shared/contract/probe.ts';
import { command } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import type { SitePaths } from '../sites/site-paths.ts';
import { type UpgradeRecord, upgradeCommands } from '../sites/upgrade-record.ts';

/** The finding about an upgrade that was undone, with the reason. */
export function returnedFinding(site: string, why: string): Finding {
  return {
    id: 'upgrade.returned',
    severity: 'red',
    title: `${site} was returned to its earlier state: ${why}`,
    consequence: 'It runs as before the upgrade. What was imported stays.',
    remedies: [command('Try again after correcting it', upgradeCommands(site).resume)],
  };
}

/** What a probe after an upgrade, or after its return, says next to what is known about the site before. */
export function probeFindings(paths: SitePaths, record: UpgradeRecord, probed: ProbeResult | undefined): Finding[] {
  return [...redFinding(paths, record, probed), ...unaskedFindings(paths, record, probed)];
}

/** Hops that answered before and were not asked now, such as those that need a token which this run did not get. */
function unaskedFindings(
  { name: site, siteFile }: SitePaths,
  { hopsBefore }: UpgradeRecord,
  probed: ProbeResult | undefined,
): Finding[] {
  const unasked = probed?.notChecked.filter((one) => hopsBefore.includes(one.hop)) ?? [];
  return unasked.map(({ hop, title, reason }) => ({
    id: `upgrade.not-asked.${hop}`,
    severity: 'amber',
    title: `${site}: not checked again: ${title}`,
    consequence: `It answered before. Whether it still does is not known: ${reason}.`,
    remedies: [command('Check it', `sealift probe ${shellWord(siteFile)}`)],
  }));
}

/** A hop that fails now. Only one that is known to have failed before as well is no news. */
function redFinding(
  { name: site, siteFile }: SitePaths,
  { hopsBefore, redBefore }: UpgradeRecord,
  probed: ProbeResult | undefined,
): Finding[] {
  const hop = probed?.hops.find((one) => one.hop === probed.firstRed);
  if (!hop) return [];
  const didFail = hop.hop === redBefore;
  const unknown = 'It could not be asked before the upgrade, so whether it answered then is not known.';
  const didAnswer = hopsBefore.includes(hop.hop) ? 'It answered before the upgrade.' : unknown;
  return [
    {
      id: 'upgrade.probe-red',
      severity: didFail ? 'amber' : 'red',
      title: `${site}: ${hop.title} fails: ${hop.error ?? 'no answer'}`,
      consequence: didFail ? 'It failed before the upgrade too.' : didAnswer,
      remedies: [command('See the likely cause', `sealift diagnose --last ${shellWord(siteFile)}`)],
    },
  ];
}

/** Whether the operator's site file describes what is deployed now. */
export type FileState = 'right' | 'changed' | { problem: string };

/** The finding about an operator's file that someone else changed meanwhile, or that cannot be written; none if it describes what is deployed. */
export function fileFinding(
  { siteFile }: UpgradeRecord,
  state: FileState,
  { name, siteFile: copy }: SitePaths,
): Finding[] {
  if (state === 'right') return [];
  const [file, own] = [siteFile, copy].map(shellWord);
  const about = { severity: 'amber', consequence: 'Deploying it would change the site again.' } as const;
  if (state === 'changed')
    return [
      {
        ...about,
        id: 'upgrade.file-changed',
        title: `${name}: someone changed ${siteFile} meanwhile, so it still describes another state`,
        remedies: [command('Compare it with what is deployed', `diff ${file} ${own}`)],
      },
    ];
  return [
    {
      ...about,
      id: 'upgrade.file-not-written',
      title: `${name}: the file still describes another state: ${state.problem}`,
      remedies: [command('Replace it by what is deployed, with the rights for it', `cp ${own} ${file}`)],
    },
  ];
}
