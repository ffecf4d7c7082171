import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { GitlabFacts } from '../../../../shared/gitlab-facts.ts';
import { clockLimitSeconds } from '../../http/clock-limit.ts';
import { amber, green, red } from './make-finding.ts';

const soonMs = 30 * 24 * 60 * 60 * 1000;

/** Returns the findings about a GitLab that was examined, as of `now`. */
export function gitlabFindings(gitlab: GitlabFacts | undefined, now: Date): Finding[] {
  if (!gitlab) return [];
  if (!gitlab.isReachable) return [unreachable(gitlab)];
  return [
    health(gitlab),
    ...ownAddress(gitlab),
    ...version(gitlab),
    ...licence(gitlab, now),
    ...trust(gitlab),
    ...validity(gitlab, now),
    ...clock(gitlab),
  ];
}

function health({ url, healthStatus, version, isGitlab, redirectsTo, simulated }: GitlabFacts): Finding {
  const id = 'gitlab.reachable';
  const told = version === null ? '' : `, version ${version}`;
  const named = simulated ? 'SIMULATED GitLab' : 'GitLab';
  const howWeKnow = `GET /-/health returned ${healthStatus ?? 'an unknown status'}`;
  if (redirectsTo !== undefined) return redirected(url, redirectsTo, howWeKnow);
  if (isGitlab && healthStatus === 200)
    return green(id, `${named} responds at ${url} and reports that it is healthy${told}`, howWeKnow);
  if (isGitlab && healthStatus === 404) {
    const why = `${howWeKnow}, as GitLab does for addresses outside its monitoring allowlist`;
    return green(id, `${named} responds at ${url}${told}`, why);
  }
  if (!isGitlab && (healthStatus ?? 0) < 500) return notGitlab(url, howWeKnow);
  return amber({
    id,
    title: `The server at ${url} does not report that it is healthy${told}`,
    consequence: 'The AI Gateway asks GitLab who may use it, so GitLab must be working.',
    remedies: [
      steps(
        'Open the address in a browser on this machine. Check whether it shows GitLab, or a proxy or error page in front of it.',
        'On the GitLab host: gitlab-ctl status',
      ),
    ],
    howWeKnow,
  });
}

function redirected(url: string, target: string, howWeKnow: string): Finding {
  return red({
    id: 'gitlab.reachable',
    title: `${url} redirects to ${target}`,
    consequence: 'Sealift does not follow redirects, so that no token is sent to a host that you did not name.',
    remedies: [
      steps(
        'If GitLab is there, use that address, also as gitlab.url in the site file.',
        'If it is a sign-in page or a proxy, let this machine and the AI Gateway reach GitLab without it.',
      ),
    ],
    howWeKnow,
  });
}

function notGitlab(url: string, howWeKnow: string): Finding {
  return red({
    id: 'gitlab.reachable',
    title: `The server at ${url} is not GitLab`,
    consequence: 'The AI Gateway asks GitLab who may use it, so it must reach GitLab itself.',
    remedies: [
      steps(
        'Open the address in a browser on this machine: it may be the block page of a proxy, a sign-in page or another service.',
        'If GitLab is served under a path, add the path: https://HOST/gitlab',
        'See whether a proxy is in between: env | grep -i proxy',
      ),
    ],
    howWeKnow: `${howWeKnow}, but neither "GitLab OK" nor GitLab's /.well-known/openid-configuration`,
  });
}

/* The gateway fetches GitLab's keys from the address in this document, not from AIGW_GITLAB_URL. */
function ownAddress({ url, ownUrl, isGitlab }: GitlabFacts): Finding[] {
  if (isGitlab && ownUrl === undefined) return [keysUnknown(url)];
  if (ownUrl === undefined || ownUrl === url) return [];
  return [
    amber({
      id: 'gitlab.own-address',
      title: `GitLab at ${url} calls itself ${ownUrl}`,
      consequence: `The AI Gateway fetches GitLab's keys from ${ownUrl}. If it cannot reach that address, it rejects every token.`,
      remedies: [
        steps(
          `Use ${ownUrl} as gitlab.url in the site file, if the AI Gateway's host reaches it.`,
          'Otherwise set external_url in /etc/gitlab/gitlab.rb, and run: gitlab-ctl reconfigure',
        ),
      ],
      howWeKnow: "jwks_uri in GitLab's /.well-known/openid-configuration",
    }),
  ];
}

function keysUnknown(url: string): Finding {
  return red({
    id: 'gitlab.keys',
    title: `${url}/.well-known/openid-configuration does not return GitLab's configuration`,
    consequence: "The AI Gateway finds GitLab's keys through it. Without them, it rejects every token.",
    remedies: [
      steps(
        `See what answers there: curl ${url}/.well-known/openid-configuration`,
        'If it is the page of a proxy, let that path and /oauth/discovery/keys pass.',
      ),
    ],
    howWeKnow: 'GET /.well-known/openid-configuration',
  });
}

function version({ versionWhy }: GitlabFacts): Finding[] {
  if (!versionWhy) return [];
  return [
    amber({
      id: 'gitlab.version',
      title: `GitLab's version is unknown: ${versionWhy}`,
      consequence: 'The suitable models and settings depend on it.',
      remedies: [
        steps(
          'Provide a valid token with the read_api scope: --token-file FILE, or SEALIFT_GITLAB_TOKEN. It is sent only if the certificate is trusted.',
          'Or look it up in GitLab under Help, and set it in the site file.',
        ),
      ],
      howWeKnow: 'GET /api/v4/version',
    }),
  ];
}

/* GitLab requires Premium or Ultimate since 18.0 (gitlab.md 1.1), and offline an offline cloud licence (gitlab.md 8). */
function licence({ licence: found }: GitlabFacts, now: Date): Finding[] {
  if (!found) return [];
  const id = 'gitlab.licence';
  const howWeKnow = 'currentLicense in GitLab GraphQL';
  const { type, plan, expiresAt } = found;
  const title = `GitLab's licence: ${plan}, ${type}${expiresAt ? `, expires ${expiresAt}` : ''}`;
  const problems = [
    /^(premium|ultimate)$/i.test(plan) ? [] : ['GitLab Duo Self-Hosted needs Premium or Ultimate.'],
    type === 'offline_cloud'
      ? []
      : [
          'Without internet access, GitLab requires an offline cloud licence: the Agent Platform stops working with an online one.',
        ],
    expiresAt && Date.parse(expiresAt) < now.getTime() ? ['It has expired.'] : [],
  ].flat();
  if (problems.length === 0) return [green(id, title, howWeKnow)];
  const remedies: [ReturnType<typeof steps>] = [
    steps(
      'Ask GitLab for an offline cloud licence with the Duo add-on, and upload it under Admin > Settings > Add license.',
    ),
  ];
  return [amber({ id, title, consequence: problems.join(' '), remedies, howWeKnow })];
}

function unreachable({ url, why }: GitlabFacts): Finding {
  return amber({
    id: 'gitlab.reachable',
    title: `GitLab does not respond at ${url}`,
    consequence: 'The AI Gateway asks GitLab who may use it, so it must be able to reach GitLab.',
    remedies: [
      steps(
        'Check the address and the port, and that this machine resolves the name: getent hosts NAME',
        "Check the firewall between this machine and GitLab's.",
      ),
    ],
    howWeKnow: why ?? 'no response',
  });
}

function trust({ tls }: GitlabFacts): Finding[] {
  if (!tls) return [];
  const id = 'gitlab.certificate';
  const howWeKnow = `issued by ${tls.chain[0]?.issuer ?? 'an unknown issuer'}`;
  if (tls.trustedBy === null) return [untrusted(tls, howWeKnow)];
  if (tls.trustedBy === 'public')
    return [
      tls.strictWhy
        ? refusedLater(tls.strictWhy, howWeKnow)
        : green(id, "GitLab's certificate is trusted by the public authorities that the AI Gateway knows", howWeKnow),
    ];
  const where = tls.trustedBy === 'machine' ? 'this machine' : 'the given CA file';
  const later = tls.strictWhy ? `, and Python 3.13 or later would refuse it: ${tls.strictWhy}` : '';
  return [
    amber({
      id,
      title: `GitLab's certificate is trusted by ${where}, but not by the public authorities that the AI Gateway knows${later}`,
      consequence: 'Without a file with its authority, the AI Gateway refuses to connect to GitLab.',
      remedies: [
        steps(gateway, ...(tls.trustedBy === 'given' ? [addToMachine] : []), ...(tls.strictWhy ? [reissue] : [])),
      ],
      howWeKnow,
    }),
  ];
}

function untrusted({ why, refusal }: NonNullable<GitlabFacts['tls']>, howWeKnow: string): Finding {
  const isUnknownAuthority = /\bunknown\b/.test(why ?? '');
  const id = 'gitlab.certificate';
  const title = `GitLab's certificate is not trusted: ${why ?? 'unknown reason'}`;
  if (refusal === 'certificate')
    return red({
      id,
      title,
      consequence: "The AI Gateway's Python refuses the connection.",
      remedies: [
        steps(
          ...(isUnknownAuthority
            ? ['If the CA file is not that of the authority that issued this certificate, name the right one.']
            : []),
          "Issue a new certificate with GitLab's host name or IP address as subject alternative name (SAN), an RSA key of at least 2048 bits and SHA-256.",
          "Let the server send it with its intermediate certificates: one file, its own certificate first (nginx['ssl_certificate']).",
          'Then check again: sealift check --gitlab URL --gitlab-ca FILE',
        ),
      ],
      howWeKnow,
    });
  return amber({
    id,
    title,
    consequence: 'The AI Gateway and other programs will refuse the connection.',
    remedies: [
      steps('Ask your GitLab administrator for the certificate of the issuing authority.', addToMachine, gateway),
      steps('Then check again: sealift check --gitlab URL --gitlab-ca FILE'),
    ],
    howWeKnow,
  });
}

function refusedLater(why: string, howWeKnow: string): Finding {
  return amber({
    id: 'gitlab.certificate',
    title: `GitLab's certificate is trusted, but an AI Gateway with Python 3.13 or later would refuse it: ${why}`,
    consequence: 'Images of the AI Gateway up to 19.2 use Python 3.12 and accept it; a later one may not.',
    remedies: [steps(reissue)],
    howWeKnow,
  });
}

const reissue = 'Issue the certificate, or its authority, again with the extensions that RFC 5280 asks for.';
const gateway =
  'For the AI Gateway: name a file with that certificate as caFile in site.yaml and deploy. For a gateway that you run yourself, mount the file and set REQUESTS_CA_BUNDLE and SSL_CERT_FILE to its path.';
const addToMachine =
  'For this machine, as root: copy it to /usr/local/share/ca-certificates/NAME.crt and run update-ca-certificates (RHEL: /etc/pki/ca-trust/source/anchors/ and update-ca-trust).';

function validity({ tls }: GitlabFacts, now: Date): Finding[] {
  const until = tls?.chain[0]?.validTo;
  if (!until) return [];
  const leftMs = Date.parse(until) - now.getTime();
  const id = 'gitlab.certificate-validity';
  const howWeKnow = `valid until ${until}, by this machine's clock`;
  if (leftMs > soonMs) return [green(id, `GitLab's certificate is valid until ${until.slice(0, 10)}`)];
  const remedies: [ReturnType<typeof steps>] = [
    steps(
      'Renew the certificate on the GitLab host.',
      "If it is in fact valid, correct this machine's clock: timedatectl",
    ),
  ];
  if (leftMs > 0) {
    const consequence = 'Programs will refuse to connect to GitLab after that date.';
    return [
      amber({ id, title: `GitLab's certificate expires on ${until.slice(0, 10)}`, consequence, remedies, howWeKnow }),
    ];
  }
  const consequence = 'Programs refuse the connection.';
  return [
    red({ id, title: `GitLab's certificate expired on ${until.slice(0, 10)}`, consequence, remedies, howWeKnow }),
  ];
}

function clock({ clockAheadSeconds, isGitlab }: GitlabFacts): Finding[] {
  const id = 'gitlab.clock';
  // The clock of another server says nothing about GitLab's.
  if (clockAheadSeconds === null || isGitlab === false) return [];
  const seconds = Math.abs(clockAheadSeconds);
  const side = clockAheadSeconds > 0 ? 'ahead of' : 'behind';
  if (seconds <= clockLimitSeconds) return [green(id, `The clocks of GitLab and this machine are ${seconds} s apart`)];
  return [
    amber({
      id,
      title: `GitLab's clock is ${seconds} s ${side} this machine's`,
      consequence:
        "Tokens may be rejected as expired or not yet valid, and the two machines' logs cannot be compared by time.",
      remedies: [
        steps('Synchronize both machines with the same time source in the enclave: timedatectl, chronyc sources'),
      ],
      howWeKnow: 'the Date header of its response',
    }),
  ];
}
