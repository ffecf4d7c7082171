import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { GitlabFacts } from '../../../../shared/gitlab-facts.ts';
import { amber, green, red } from './make-finding.ts';

/* Our own judgement: tokens between GitLab and the AI Gateway say from when to when they are valid. */
const tolerableSeconds = 30;
const soonMs = 30 * 24 * 60 * 60 * 1000;

/** What is to say about a GitLab that was looked at, at a time. */
export function gitlabFindings(gitlab: GitlabFacts | undefined, now: Date): Finding[] {
  if (!gitlab) return [];
  if (!gitlab.isReachable) return [unreachable(gitlab)];
  return [
    health(gitlab),
    ...version(gitlab),
    ...licence(gitlab, now),
    ...trust(gitlab),
    ...validity(gitlab, now),
    ...clock(gitlab),
  ];
}

/* To addresses that are not on its list for monitoring GitLab says 404, and so does any other server that has no such page. */
function health({ url, healthStatus, version }: GitlabFacts): Finding {
  const id = 'gitlab.reachable';
  const told = version === null ? '' : `, version ${version}`;
  const howWeKnow = `GET /-/health was answered with ${healthStatus ?? 'a status that is not known'}`;
  if (healthStatus === 200) return green(id, `GitLab answers at ${url} and says that it is well${told}`, howWeKnow);
  if (healthStatus === 404) {
    const who =
      version === null ? `Something answers at ${url}, whether GitLab is not known` : `GitLab answers at ${url}`;
    return green(id, `${who}${told}`, `${howWeKnow}, as GitLab does to whom it does not list for monitoring`);
  }
  return amber({
    id,
    title: `What answers at ${url} does not say that it is well${told}`,
    consequence: 'The AI Gateway asks GitLab who may use it, and must get answers.',
    remedies: [
      steps(
        'Open the address in a browser of this machine: is it GitLab, or a proxy or a page of errors before it?',
        'On the GitLab host: gitlab-ctl status',
      ),
    ],
    howWeKnow,
  });
}

function version({ versionWhy }: GitlabFacts): Finding[] {
  if (!versionWhy) return [];
  return [
    amber({
      id: 'gitlab.version',
      title: `GitLab's version is not known: ${versionWhy}`,
      consequence: 'Which models and settings fit depends on it.',
      remedies: [
        steps(
          'Give a token with the scope read_api that has not run out: --token-file FILE, or SEALIFT_GITLAB_TOKEN. It is sent only where the certificate is trusted.',
          'Or look it up in GitLab under Help, and write it into the site file.',
        ),
      ],
      howWeKnow: 'GET /api/v4/version',
    }),
  ];
}

/* What GitLab asks for: Premium or Ultimate since 18.0 (gitlab.md 1.1), and offline an offline cloud licence (gitlab.md 8). */
function licence({ licence: found }: GitlabFacts, now: Date): Finding[] {
  if (!found) return [];
  const id = 'gitlab.licence';
  const howWeKnow = 'currentLicense of its GraphQL';
  const { type, plan, expiresAt } = found;
  const title = `GitLab's licence: ${plan}, ${type}${expiresAt ? `, to ${expiresAt}` : ''}`;
  const problems = [
    /^(premium|ultimate)$/i.test(plan) ? [] : ['GitLab Duo Self-Hosted needs Premium or Ultimate.'],
    type === 'offline_cloud'
      ? []
      : ['Without the internet GitLab asks for an offline cloud licence: with an online one its Agent Platform stops.'],
    expiresAt && Date.parse(expiresAt) < now.getTime() ? ['It has ended.'] : [],
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
    title: `GitLab does not answer at ${url}`,
    consequence: 'The AI Gateway asks GitLab who may use it, and must reach it.',
    remedies: [
      steps(
        'Check the address and the port, and that this machine knows the name: getent hosts NAME',
        "Check the firewall between this machine and GitLab's.",
      ),
    ],
    howWeKnow: why ?? 'no answer',
  });
}

function trust({ tls }: GitlabFacts): Finding[] {
  if (!tls) return [];
  const id = 'gitlab.certificate';
  const issuer = tls.chain[0]?.issuer ?? 'somebody not known';
  if (tls.trustedBy === 'machine') return [green(id, `GitLab's certificate, issued by ${issuer}, is trusted here`)];
  const gateway =
    'For the AI Gateway: mount a file with that certificate and name it in REQUESTS_CA_BUNDLE and SSL_CERT_FILE.';
  if (tls.trustedBy === 'given') {
    return [
      amber({
        id,
        title: "GitLab's certificate is trusted by the file that was named, not by this machine",
        consequence: 'Programs that do not know that file will refuse GitLab.',
        remedies: [steps(gateway, addToMachine)],
        howWeKnow: `issued by ${issuer}`,
      }),
    ];
  }
  return [
    amber({
      id,
      title: `GitLab's certificate is not trusted here: ${tls.why ?? 'why is not known'}`,
      consequence: 'The AI Gateway and other programs will refuse the connection.',
      remedies: [
        steps('Get the certificate of the authority that issued it from whoever runs GitLab.', addToMachine, gateway),
        steps('Then check again with it: sealift check --gitlab URL --gitlab-ca FILE'),
      ],
      howWeKnow: `issued by ${issuer}`,
    }),
  ];
}

const addToMachine =
  'For this machine, as root: copy it to /usr/local/share/ca-certificates/NAME.crt and run update-ca-certificates (RHEL: /etc/pki/ca-trust/source/anchors/ and update-ca-trust).';

function validity({ tls }: GitlabFacts, now: Date): Finding[] {
  const until = tls?.chain[0]?.validTo;
  if (!until) return [];
  const leftMs = Date.parse(until) - now.getTime();
  const id = 'gitlab.certificate-validity';
  const howWeKnow = `valid to ${until}, by this machine's clock`;
  if (leftMs > soonMs) return [green(id, `GitLab's certificate is valid to ${until.slice(0, 10)}`)];
  const remedies: [ReturnType<typeof steps>] = [
    steps(
      'Renew the certificate on the GitLab host.',
      "If it is valid in truth, set this machine's clock: timedatectl",
    ),
  ];
  if (leftMs > 0) {
    const consequence = 'After that day GitLab is refused.';
    return [
      amber({ id, title: `GitLab's certificate ends on ${until.slice(0, 10)}`, consequence, remedies, howWeKnow }),
    ];
  }
  const consequence = 'Programs refuse the connection.';
  return [red({ id, title: `GitLab's certificate ended on ${until.slice(0, 10)}`, consequence, remedies, howWeKnow })];
}

function clock({ clockAheadSeconds }: GitlabFacts): Finding[] {
  const id = 'gitlab.clock';
  if (clockAheadSeconds === null) return [];
  const seconds = Math.abs(clockAheadSeconds);
  const side = clockAheadSeconds > 0 ? 'ahead of' : 'behind';
  if (seconds <= tolerableSeconds) return [green(id, `The clocks of GitLab and this machine are ${seconds} s apart`)];
  return [
    amber({
      id,
      title: `GitLab's clock is ${seconds} s ${side} this machine's`,
      consequence: 'Tokens may count as expired or not yet valid, and logs of both cannot be laid side by side.',
      remedies: [
        steps('Let both machines take their time from the same source in the enclave: timedatectl, chronyc sources'),
      ],
      howWeKnow: 'the Date header of its answer',
    }),
  ];
}
