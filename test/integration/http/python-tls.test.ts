import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type DetailedPeerCertificate } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonTls, strictProblem } from '../../../src/main/core/http/python-tls.ts';
import { missing } from '../../needs.ts';
import {
  type CertificateName,
  certificateCases,
  type MadeCertificate,
  makeCertificate,
} from '../../scenes/certificates.ts';

interface Recorded {
  python: string;
  verdicts: Record<CertificateName, { requests: string; httpx: string }>;
}
const recorded = async (version: string): Promise<Recorded> =>
  JSON.parse(await readFile(`test/fixtures/python-tls/python-${version}.json`, 'utf8'));
const [python312, python313] = await Promise.all([recorded('3.12'), recorded('3.13')]);
const names = Object.keys(certificateCases) as CertificateName[];
const isAccepted = (said: string) => said === 'accepted';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-certificates-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(missing('openssl'))("a certificate is judged as the gateway's Python judges it", () => {
  it('by records that cover every case', () => {
    for (const { verdicts } of [python312, python313]) expect(Object.keys(verdicts).sort()).toEqual([...names].sort());
  });

  it.each(names)('%s', async (name) => {
    const { problem, chain } = await shake(await makeCertificate(folder, name));
    expect([name, problem === null]).toEqual([name, isAccepted(python312.verdicts[name].requests)]);
    const isStillAccepted = problem === null && strictProblem(chain) === undefined;
    // Python 3.13 also accepts an intermediate as the end of the chain.
    const expected =
      name === 'no intermediate, and the client trusts it' ? false : isAccepted(python313.verdicts[name].requests);
    expect([name, isStillAccepted]).toEqual([name, expected]);
  });
});

it.skipIf(missing('openssl'))('an authority whose basic constraints are not critical is named', async () => {
  const { chain } = await shake(await makeCertificate(folder, 'good', { issuer: 'lax' }));
  expect(strictProblem(chain)).toMatch(
    /^the basic constraints of the authority's certificate \(CN=.*\) are not critical$/,
  );
});

async function shake({ host, key, cert, ca }: MadeCertificate) {
  const server = createServer({ key, cert, ciphers: 'DEFAULT:@SECLEVEL=0' }, (socket) =>
    socket.on('error', () => undefined),
  );
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    return await new Promise<{ problem: string | null; chain: X509Certificate[] }>((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const socket = connect(
        { host: '127.0.0.1', port, servername: host, ca, rejectUnauthorized: false, ...pythonTls },
        () => {
          resolve({
            problem: socket.authorized ? null : String(socket.authorizationError),
            chain: chainOf(socket.getPeerCertificate(true)),
          });
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });
  } finally {
    server.close();
  }
}

function chainOf(leaf: DetailedPeerCertificate): X509Certificate[] {
  const chain: DetailedPeerCertificate[] = [];
  for (let one = leaf; one && !chain.includes(one); one = one.issuerCertificate) chain.push(one);
  return chain.map(({ raw }) => new X509Certificate(raw));
}
