import type { GitlabFacts } from './gitlab-facts.ts';

/** What was found out about a GitLab, as rows for people. */
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
}: GitlabFacts): [string, string][] {
  const certificates = (tls?.chain ?? []).map((one, index): [string, string] => [
    index === 0 ? 'Its certificate' : 'Issued by',
    `${one.subject}; issued by ${one.issuer}; valid ${one.validFrom?.slice(0, 10) ?? '?'} to ${one.validTo?.slice(0, 10) ?? '?'}`,
  ]);
  const trust =
    tls?.trustedBy === 'machine' ? 'by this machine' : tls?.trustedBy === 'given' ? 'by the file named' : 'no';
  return [
    ['GitLab', isReachable ? url : `${url}: ${why ?? 'no answer'}`],
    ...(isReachable
      ? [['Its version', version ?? `not known: ${versionWhy ?? 'it is told only with a token'}`] as [string, string]]
      : []),
    ...licenceRow({ licence, licenceWhy }),
    ...certificates,
    ...(tls ? [['Trusted', tls.why === null ? trust : `${trust}: ${tls.why}`] as [string, string]] : []),
    ...(clockAheadSeconds === null
      ? []
      : [['Its clock', `${clockAheadSeconds} s ahead of this one`] as [string, string]]),
  ];
}

function licenceRow({ licence, licenceWhy }: Pick<GitlabFacts, 'licence' | 'licenceWhy'>): [string, string][] {
  if (licence)
    return [
      [
        'Its licence',
        `${licence.plan}, ${licence.type}, ${licence.expiresAt ? `to ${licence.expiresAt}` : 'without end'}`,
      ],
    ];
  return licenceWhy ? [['Its licence', `not known: ${licenceWhy}`]] : [];
}
