import type { contract } from '../../shared/contract/index.ts';
import { markGlyphs } from '../../shared/mark.ts';
import { measuredTexts } from '../../shared/measured-words.ts';
import { partMarks, partWords } from '../../shared/part-health.ts';
import type { OutputOf } from '../../shared/rpc/contract.ts';
import { evidenceMarks } from '../../shared/site-health.ts';
import { servingRows } from '../core/report/serving-rows.ts';
import { findingLines } from './finding-lines.ts';

type Status = OutputOf<typeof contract.site.status>;
type Part = Status['parts'][number];

/** Returns the status of sites as lines for people. */
export function statusLines(status: Status): string {
  if (status.sites.length === 0) return 'No site is deployed in this data folder.';
  const parts = status.parts.map(partLine);
  const sites = status.sites.flatMap((one) => [...evidenceLines(one), rebootLine(one)]);
  return [...parts, ...sites, ...findingLines(status.findings)].join('\n');
}

function evidenceLines(site: Status['sites'][number]): string[] {
  const { name, lastProbe, gitlabSettings } = site;
  const { probe, gitlab } = evidenceMarks(site);
  const settings = { set: 'the GitLab settings were read back correctly', differs: 'some GitLab settings differ' };
  return [
    `${markGlyphs[probe]} ${name}: ${lastProbe ? probeWords(lastProbe) : 'this deployment has not been probed yet'}`,
    `${markGlyphs[gitlab]} ${name}: ${gitlabSettings ? settings[gitlabSettings] : 'no GitLab settings were read back'}`,
  ];
}

function probeWords(probe: NonNullable<Status['sites'][number]['lastProbe']>): string {
  const { failedHop, doubt } = probe;
  if (failedHop) return `the last probe failed at ${failedHop}. See why: sealift diagnose SITE.yaml --last`;
  return `${answered(probe)}${doubt ? `, but ${doubt}` : ''}`;
}

function answered({ hops, notChecked }: NonNullable<Status['sites'][number]['lastProbe']>): string {
  const all = hops === 1 ? 'the only checked hop' : `all ${hops} checked hops`;
  return `${all} of the last probe answered${notChecked > 0 ? `, ${notChecked} not checked` : ''}`;
}

/** Returns whether a site starts again after a reboot. */
export function rebootLine({ name, afterReboot }: Status['sites'][number]): string {
  if (afterReboot === 'starts') return `● ${name} starts again after a reboot`;
  if (afterReboot === 'at-login') return `▲ ${name} starts again after a reboot only once its user logs in`;
  return `○ ${name} does not start again after a reboot: sealift service install --site ${name}`;
}

/** Returns one part of a site with its figures. */
export function partLine(part: Part): string {
  const where = part.port === undefined ? '' : `  ${part.host}:${part.port}`;
  const figures = measuredTexts(part.measured);
  const shown = figures.length > 0 ? `\n    ${figures.join(' · ')}` : '';
  const { word, meaning } = partWords[part.state];
  const why = part.state === 'running' ? '' : `\n    ${meaning}`;
  return `${markGlyphs[partMarks[part.state]]} ${part.site}/${part.name}  ${word}${where}  ${part.version}${mark(part)}${why}${shown}${servingLines(part)}`;
}

function servingLines({ serving }: Part): string {
  if (!serving) return '';
  const spread = serving.parallel ? [`    ${serving.parallel.why.join(' ')}`] : [];
  const rows = servingRows(serving).map(
    ({ name, estimate, measured }) => `    ${name}: estimated ${estimate}, measured ${measured}`,
  );
  return ['', ...rows, `    measured by: ${serving.measuredBy}`, ...spread].join('\n');
}

/** Returns what marks a stand-in; nothing for a real part. */
export function mark(one: { simulated?: boolean | undefined }): string {
  return one.simulated ? '  [SIMULATED]' : '';
}
