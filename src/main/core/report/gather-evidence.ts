import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { acceptanceResult } from '../../../shared/contract/acceptance.ts';
import { gitlabResult } from '../../../shared/contract/gitlab.ts';
import { probeResult } from '../../../shared/contract/probe.ts';
import { deployed } from '../../../shared/contract/site.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Readiness } from '../../../shared/readiness.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { timeText } from '../../../shared/time-text.ts';
import type { HomePaths } from '../settings/paths.ts';
import { fingerprintToWords } from '../signing/fingerprint.ts';
import { lostTrust, readKeyBook } from '../signing/judge-key.ts';
import { liveState, serviceFacts } from '../site/service/service-facts.ts';
import { hangFindings } from '../site/status/hang-findings.ts';
import type { OpenSite } from '../sites/open-site.ts';
import { readEvidence } from '../sites/read-evidence.ts';
import { readImports } from '../store/read-imports.ts';
import { choiceOverride } from '../wizard/choice-doubts.ts';
import type { ReportData } from './report-data.ts';

/** Reads everything that was recorded about a site. Throws `report.no-site`, `report.evidence-broken`. */
export async function gatherEvidence(
  { site, paths }: OpenSite,
  home: HomePaths,
  about: {
    readiness: Readiness;
    createdAt: string;
    toolVersion: string;
    keyId: string;
    /** Reasons for continuing despite red findings, by the finding's id. */
    passedOver: Record<string, string>;
    /** Differences between the site and what was recommended or chosen. */
    doubts: readonly string[];
  },
): Promise<ReportData> {
  const { folder, evidence } = paths;
  if (!(await stat(folder).catch(() => undefined))) throw appError('report.no-site', { site: site.name });
  const [deploy, gitlab, probe, acceptance, imports] = await Promise.all([
    readEvidence(join(evidence, 'deploy.json'), deployed),
    readEvidence(join(evidence, 'gitlab.json'), gitlabResult),
    readEvidence(join(evidence, 'probe.json'), probeResult),
    readEvidence(join(evidence, 'acceptance.json'), acceptanceResult),
    importsWithTrust(home, new Date(about.createdAt)),
  ]);
  const service = liveState(await serviceFacts(paths));
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
    ...(service && { hangs: hangFindings(site.name, service), prompts: computedPrompts(site, service.parts) }),
    deploy,
    gitlab,
    probe,
    acceptance,
    key: { fingerprint: about.keyId, words: fingerprintToWords(about.keyId) },
  };
}

async function importsWithTrust(paths: HomePaths, now: Date): Promise<ReportData['imports']> {
  const [records, book] = await Promise.all([readImports(paths.store), readKeyBook(paths.trust)]);
  return records.map((record) => {
    const { keyId, secondKeyId } = record.signature;
    const trustedAs = book.trusted.find((key) => keyId !== '' && keyId.startsWith(key.fingerprint))?.label ?? null;
    const signerWords = keyId === '' ? 'no one' : fingerprintToWords(keyId);
    const trustLost = record.signature.trust === 'trusted' ? lostTrust(book, keyId, now) : undefined;
    const secondTrustLost = secondKeyId === undefined ? undefined : lostTrust(book, secondKeyId, now);
    return {
      ...record,
      signerWords,
      trustedAs,
      ...(trustLost && { trustLost }),
      ...(secondTrustLost && { secondTrustLost }),
    };
  });
}

function overridesOf({ bundle, signature, olderThan }: ReportData['imports'][number]): ReportData['overrides'] {
  const untrusted = {
    what: `Bundle ${bundle.id} was imported although no trusted key signed it`,
    reason: signature.overrideReason ?? 'none given',
  };
  const older = olderThan && {
    what: `Bundle ${bundle.id} of ${timeText(bundle.created)} was imported although a newer one, of ${timeText(olderThan.created)}, had been imported before`,
    reason: 'confirmed at import',
  };
  return [...(signature.trust === 'overridden' ? [untrusted] : []), ...(older ? [older] : [])];
}

function passedOver({ readiness, passedOver }: { readiness: Readiness; passedOver: Record<string, string> }) {
  return readiness.findings
    .filter((one) => one.severity === 'red')
    .flatMap(({ id, title }) => {
      const reason = passedOver[id];
      return reason === undefined ? [] : [{ what: `Continued despite: ${title}`, reason }];
    });
}

function chosenOtherwise({ doubts, passedOver }: { doubts: readonly string[]; passedOver: Record<string, string> }) {
  return doubts.map((what) => ({ what, reason: passedOver[choiceOverride] ?? 'none given' }));
}

type Service = NonNullable<ReturnType<typeof liveState>>;

function computedPrompts({ front }: SiteFile, parts: Service['parts']): NonNullable<ReportData['prompts']> {
  const engines = parts.flatMap(({ name, measured: { promptTokens, promptTokensEvaluated } }) =>
    typeof promptTokens === 'number' && typeof promptTokensEvaluated === 'number' && promptTokens > 0
      ? [{ part: name, tokens: promptTokens, computedTokens: promptTokensEvaluated }]
      : [],
  );
  return { stableTags: front.stableTags ?? false, engines };
}

function standInsOf(site: SiteFile, deploy: ReportData['deploy']): string[] {
  const containers = (deploy?.containers ?? []).filter((one) => one.simulated).map((one) => `container ${one.name}`);
  return [
    ...(site.gitlab.simulated ? ['GitLab'] : []),
    ...(site.gateway.kind === 'simulated' ? ['AI Gateway'] : []),
    ...containers,
  ];
}
