import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A server's certificate: how it is made, the host that a client asks for, and what the server sends. */
export interface CertificateCase {
  /** Host in the client's URL. Default: `gitlab.site.example`. */
  host?: string;
  /** Subject and extensions of the leaf. Default: a SAN with the default host and 127.0.0.1. */
  subject?: string;
  extensions?: string[];
  /** Arguments of `openssl x509 -req`. */
  dates?: [from: string, to: string];
  digest?: string;
  key?: string[];
  /** `none`: the leaf only; `self`: the leaf is its own issuer. Default: the intermediate is sent too. */
  chain?: 'none' | 'self';
  /** What the client trusts. Default: the root. */
  trusts?: 'intermediate' | 'itself' | 'other';
  /** Signed by an authority that itself lacks what RFC 5280 asks for: its key usage, or that its basic constraints are critical. */
  issuer?: 'plain' | 'lax';
}

const host = 'gitlab.site.example';
const san = (names: string) => [`subjectAltName=${names}`, 'authorityKeyIdentifier=keyid'];
const years = (from: number, to: number): [string, string] => [`${from}0101000000Z`, `${to}0101000000Z`];

/** The certificates that people put in front of a GitLab. */
export const certificateCases = {
  good: {},
  'common name only': { subject: `/CN=${host}`, extensions: ['authorityKeyIdentifier=keyid'] },
  'common name only, with an e-mail SAN': { subject: `/CN=${host}`, extensions: san('email:admin@site.example') },
  'no common name, only a SAN': { subject: '/O=Site', extensions: san(`DNS:${host}`) },
  'common name right, SAN of another host': { subject: `/CN=${host}`, extensions: san('DNS:other.site.example') },
  'another host': { subject: '/CN=other.site.example', extensions: san('DNS:other.site.example') },
  'a wildcard': { extensions: san('DNS:*.site.example') },
  'a wildcard over two labels': { host: 'git.lab.site.example', extensions: san('DNS:*.site.example') },
  'a partial wildcard': { extensions: san('DNS:git*.site.example') },
  'a wildcard for a top-level domain': { host: 'gitlab.local', extensions: san('DNS:*.local') },
  'another letter case': { extensions: san('DNS:GitLab.Site.Example') },
  'an IP address in the SAN': { host: '127.0.0.1', extensions: san('IP:127.0.0.1') },
  'an IP address as a DNS name': { host: '127.0.0.1', extensions: san('DNS:127.0.0.1') },
  'an IP address in the common name only': {
    ...{ host: '127.0.0.1', subject: '/CN=127.0.0.1', extensions: ['authorityKeyIdentifier=keyid'] },
  },
  expired: { dates: years(2020, 2021) },
  'not yet valid': { dates: years(2090, 2099) },
  'no intermediate': { chain: 'none' },
  'no intermediate, and the client trusts it': { chain: 'none', trusts: 'intermediate' },
  'another authority': { trusts: 'other' },
  'self-signed': { chain: 'self' },
  'self-signed and trusted': { chain: 'self', trusts: 'itself' },
  'a short key': { key: ['rsa:1024'] },
  'signed with SHA-1': { digest: 'sha1' },
  'an RSA key': { key: ['rsa:2048'] },
  'no authority key identifier': {
    extensions: [`subjectAltName=DNS:${host},IP:127.0.0.1`, 'authorityKeyIdentifier=none'],
  },
  'an authority without key usage': { issuer: 'plain' },
} satisfies Record<string, CertificateCase>;
/** One of `certificateCases`. */
export type CertificateName = keyof typeof certificateCases;

/** What a server presents, and what its client trusts; all PEM. */
export interface MadeCertificate {
  host: string;
  key: string;
  /** The leaf, and the intermediate where it is sent. */
  cert: string;
  ca: string;
}

/** Makes one of the certificates with openssl, with authorities of its own, in a folder below `folder`; `change` alters its case. */
export async function makeCertificate(
  folder: string,
  name: CertificateName,
  change: CertificateCase = {},
): Promise<MadeCertificate> {
  const made: CertificateCase = { ...certificateCases[name], ...change };
  const at = join(folder, name.replace(/\W+/g, '-'));
  await mkdir(at, { recursive: true });
  const path = (file: string) => join(at, file);
  const full = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
  const lacking = { plain: full.slice(0, 1), lax: ['basicConstraints=CA:TRUE', ...full.slice(1)] };
  const authority = made.issuer ? lacking[made.issuer] : full;
  await openssl(at, 'root', { subject: '/CN=Site Root', extensions: authority });
  await openssl(at, 'other', { subject: '/CN=Other Root', extensions: full });
  await openssl(at, 'intermediate', { subject: '/CN=Site Issuing', extensions: authority, signer: 'root' });
  const leaf = {
    subject: made.subject ?? `/CN=${host}`,
    extensions: made.extensions ?? san(`DNS:${host},IP:127.0.0.1`),
  };
  await openssl(at, 'leaf', { ...leaf, ...made, ...(made.chain !== 'self' && { signer: 'intermediate' }), ...leaf });
  const pem = (file: string) => readFile(path(`${file}.pem`), 'utf8');
  const trusted = made.trusts ? { intermediate: 'intermediate', itself: 'leaf', other: 'other' }[made.trusts] : 'root';
  return {
    host: made.host ?? host,
    key: await readFile(path('leaf.key'), 'utf8'),
    cert: (await pem('leaf')) + (made.chain ? '' : await pem('intermediate')),
    ca: await pem(trusted),
  };
}

type Recipe = Pick<CertificateCase, 'key' | 'digest' | 'dates'> & {
  subject: string;
  extensions: string[];
  signer?: string;
};

async function openssl(at: string, name: string, { subject, extensions, signer, ...recipe }: Recipe): Promise<void> {
  const {
    key = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    digest = 'sha256',
    dates = ['20240101000000Z', '20600101000000Z'],
  } = recipe;
  run(at, [
    'req',
    '-new',
    '-newkey',
    ...key,
    '-nodes',
    '-subj',
    subject,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
  ]);
  // `openssl ca` is the only command of OpenSSL 3.0 that sets both dates.
  const database = `${name}.database`;
  const config = [
    ...['[ca]', 'default_ca=own', '[own]', `database=${database}`, 'new_certs_dir=.', 'rand_serial=yes'],
    ...[
      'policy=any',
      'unique_subject=no',
      'email_in_dn=no',
      '[any]',
      'commonName=optional',
      'organizationName=optional',
    ],
    ...['[extensions]', ...extensions],
  ];
  await writeFile(join(at, database), '');
  await writeFile(join(at, `${name}.cnf`), `${config.join('\n')}\n`);
  const by = signer
    ? ['-cert', `${signer}.pem`, '-keyfile', `${signer}.key`]
    : ['-selfsign', '-keyfile', `${name}.key`];
  run(at, [
    ...['ca', '-batch', '-notext', '-config', `${name}.cnf`, '-extensions', 'extensions', '-md', digest, ...by],
    ...['-startdate', dates[0], '-enddate', dates[1], '-in', `${name}.csr`, '-out', `${name}.pem`],
  ]);
}

function run(cwd: string, args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
