import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gitlabResult } from '../../../shared/contract/gitlab.ts';
import { probeResult } from '../../../shared/contract/probe.ts';
import { deployed } from '../../../shared/contract/site.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Readiness } from '../../../shared/readiness.ts';
import type { ReportData } from '../../../shared/report-data.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { fingerprintToWords } from '../bundle/fingerprint.ts';
import { readTrust } from '../bundle/trust.ts';
import { readImports } from '../import/import-record.ts';
import type { HomePaths } from '../settings/paths.ts';
import { readEvidence } from '../site/read-evidence.ts';
import { sitePaths } from '../site/site-paths.ts';
import { choiceOverride } from '../wizard/choice-doubts.ts';

/** Everything that was recorded of a site, as one object. Throws `report.no-site`, `report.evidence-broken`. */
export async function gatherEvidence(
  site: SiteFile,
  paths: HomePaths,
  about: {
    readiness: Readiness;
    createdAt: string;
    toolVersion: string;
    keyId: string;
    /** Reasons that were given for red findings, by the finding's id. */
    passedOver: Record<string, string>;
    /** Where the site is not what was recommended or chosen. */
    doubts: readonly string[];
  },
): Promise<ReportData> {
  const { folder, evidence } = sitePaths(paths.sites, site.name);
  if (!(await stat(folder).catch(() => undefined))) throw appError('report.no-site', { site: site.name });
  const [deploy, gitlab, probe, imports] = await Promise.all([
    readEvidence(join(evidence, 'deploy.json'), deployed),
    readEvidence(join(evidence, 'gitlab.json'), gitlabResult),
    readEvidence(join(evidence, 'probe.json'), probeResult),
    importsWithTrust(paths),
  ]);
  return {
    kind: 'sealift.report',
    version: 1,
    createdAt: about.createdAt,
    toolVersion: about.toolVersion,
    site,
    standIns: standInsOf(site, deploy),
    overrides: [...imports.flatMap(overridesOf), ...passedOver(about), ...chosenOtherwise(about)],
    readiness: about.readiness,
    imports,
    deploy,
    gitlab,
    probe,
    key: { fingerprint: about.keyId, words: fingerprintToWords(about.keyId) },
  };
}

async function importsWithTrust(paths: HomePaths): Promise<ReportData['imports']> {
  const [records, trusted] = await Promise.all([readImports(paths.store), readTrust(paths.trust)]);
  return records.map((record) => {
    const { keyId } = record.signature;
    const trustedAs = trusted.find((key) => keyId !== '' && keyId.startsWith(key.fingerprint))?.label ?? null;
    return { ...record, signerWords: keyId === '' ? 'nobody' : fingerprintToWords(keyId), trustedAs };
  });
}

function overridesOf(record: ReportData['imports'][number]): ReportData['overrides'] {
  if (record.signature.trust !== 'overridden') return [];
  return [
    {
      what: `Bundle ${record.bundle.id} was imported although no trusted key signed it`,
      reason: record.signature.overrideReason ?? 'none given',
    },
  ];
}

function passedOver({ readiness, passedOver }: { readiness: Readiness; passedOver: Record<string, string> }) {
  return readiness.findings
    .filter((one) => one.severity === 'red')
    .flatMap(({ id, title }) => {
      const reason = passedOver[id];
      return reason === undefined ? [] : [{ what: `The work went on although: ${title}`, reason }];
    });
}

function chosenOtherwise({ doubts, passedOver }: { doubts: readonly string[]; passedOver: Record<string, string> }) {
  return doubts.map((what) => ({ what, reason: passedOver[choiceOverride] ?? 'none given' }));
}

function standInsOf(site: SiteFile, deploy: ReportData['deploy']): string[] {
  const containers = (deploy?.containers ?? []).filter((one) => one.simulated).map((one) => `container ${one.name}`);
  return [
    ...(site.gitlab.simulated ? ['GitLab'] : []),
    ...(site.gateway.kind === 'simulated' ? ['AI Gateway'] : []),
    ...containers,
  ];
}
