import type { GitlabFacts } from './gitlab-facts.ts';

/** Returns the facts about a GitLab as rows for people. */
export function gitlabRows({
  url,
  isReachable,
  why,
  tls,
  clockAheadSeconds,
  version,
  versionWhy,
  licence,
  licenceWhy,
  simulated,
}: GitlabFacts): [string, string][] {
  const certificates = (tls?.chain ?? []).map((one, index): [string, string] => [
    index === 0 ? 'Certificate' : 'Issued by',
    `${one.subject}; issued by ${one.issuer}; valid ${one.validFrom?.slice(0, 10) ?? '?'} to ${one.validTo?.slice(0, 10) ?? '?'}`,
  ]);
  const trust = trustWords[tls?.trustedBy ?? 'none'];
  return [
    [simulated ? 'SIMULATED GitLab' : 'GitLab', isReachable ? url : `${url}: ${why ?? 'no answer'}`],
    ...(isReachable ? [['Version', version ?? unknownVersion(versionWhy)] as [string, string]] : []),
    ...licenceRow({ licence, licenceWhy }),
    ...certificates,
    ...(tls ? [['Trust', tls.why === null ? trust : `${trust}: ${tls.why}`] as [string, string]] : []),
    ...(clockAheadSeconds === null ? [] : [['Clock', clockText(clockAheadSeconds)] as [string, string]]),
  ];
}

function unknownVersion(why: string | null | undefined): string {
  return why ? `unknown: ${why}` : 'unknown (requires a token)';
}

function clockText(aheadSeconds: number): string {
  if (aheadSeconds === 0) return 'the same as on this machine';
  return `${Math.abs(aheadSeconds)} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'} this machine`;
}

const trustWords = {
  public: 'Trusted by public authorities',
  machine: 'Trusted by this machine',
  given: 'Trusted by the given file',
  none: 'Not trusted',
};

function licenceRow({ licence, licenceWhy }: Pick<GitlabFacts, 'licence' | 'licenceWhy'>): [string, string][] {
  if (licence)
    return [
      [
        'Licence',
        `${licence.plan}, ${licence.type}, ${licence.expiresAt ? `expires ${licence.expiresAt}` : 'does not expire'}`,
      ],
    ];
  return licenceWhy ? [['Licence', `unknown: ${licenceWhy}`]] : [];
}
