import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { type CA, initializeCA } from '@sigstore/mock/dist/fulcio/ca.js';
import type { CTLog } from '@sigstore/mock/dist/fulcio/ctlog.js';
import { initializeTLog, type TLog } from '@sigstore/mock/dist/rekor/tlog.js';
import type { TokenRegistry } from '../fakes/token-registry.ts';
import { addBundle, addSignature, signStatement, simpleSigning } from './cosign.ts';
import { digestOf } from './make-sources.ts';

/** The log's answer, as Rekor gives it. */
interface Logged {
  body: string;
  integratedTime: number;
  logIndex: number;
  logID: string;
  verification: {
    inclusionProof: { logIndex: number; treeSize: number; checkpoint: string; hashes: string[]; rootHash: string };
    signedEntryTimestamp: string;
  };
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
const pem = (der: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');

/** A log of certificates (RFC 6962): what it returns for one has the length of its answer in front, as the mock's authority takes it. */
function newCtLog(): CTLog {
  const { publicKey, privateKey } = newKey();
  const key = publicKey.export({ format: 'der', type: 'spki' });
  const logID = hash(key);
  const number = (value: number, bytes: number) => {
    const made = Buffer.alloc(8);
    made.writeBigUInt64BE(BigInt(value));
    return made.subarray(8 - bytes);
  };
  const log = async (certificate: ArrayBuffer, issuerId: ArrayBuffer) => {
    const der = Buffer.from(certificate);
    // A certificate is a sequence that starts with the part that is signed; both are longer than 255 bytes.
    const signed = der.subarray(4, 8 + der.readUInt16BE(6));
    const time = number(Date.now(), 8);
    const parts = [Buffer.from([0, 0]), time, number(1, 2), Buffer.from(issuerId), number(signed.length, 3), signed];
    const signature = sign('sha256', Buffer.concat([...parts, number(0, 2)]), privateKey);
    const algorithms = Buffer.from([4, 3]);
    const answer = [Buffer.from([0]), logID, time, number(0, 2), algorithms, number(signature.length, 2), signature];
    const bytes = Buffer.concat(answer);
    return new Uint8Array(Buffer.concat([number(bytes.length, 2), bytes])).buffer;
  };
  return { publicKey: key, logID, log };
}

/** A Sigstore of the test's own, made by Sigstore's mock: an authority that certifies identities, the log of its certificates, and the log of signatures. */
export class OwnSigstore {
  readonly #ca: CA;
  readonly #ctLog: CTLog;
  readonly #tLog: TLog;

  private constructor(ca: CA, ctLog: CTLog, tLog: TLog) {
    this.#ca = ca;
    this.#ctLog = ctLog;
    this.#tLog = tLog;
  }

  static async start({ isLogged = true } = {}): Promise<OwnSigstore> {
    const ctLog = newCtLog();
    const ca = await initializeCA(newKey(), isLogged ? ctLog : undefined);
    return new OwnSigstore(ca, ctLog, await initializeTLog('https://rekor.example', newKey()));
  }

  /** The trusted root as `trusted_root.json` holds it. */
  trustedRoot(): string {
    const validFor = { start: '2020-01-01T00:00:00Z' };
    const log = (baseUrl: string, key: Buffer) => ({
      baseUrl,
      hashAlgorithm: 'SHA2_256',
      publicKey: { rawBytes: key.toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
      logId: { keyId: hash(key).toString('base64') },
    });
    return JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [log('https://rekor.example', this.#tLog.publicKey)],
      certificateAuthorities: [
        {
          subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
          uri: 'https://fulcio.example',
          certChain: { certificates: [{ rawBytes: this.#ca.rootCertificate.toString('base64') }] },
          validFor,
        },
      ],
      ctlogs: [log('https://ctfe.example', this.#ctLog.publicKey)],
      timestampAuthorities: [],
    });
  }

  /** Signs a digest as `cosign sign` without a key did until version 2: everything in annotations. Returns the digest of the manifest. */
  async signInAnnotations(registry: TokenRegistry, digest: string, signer: OwnSigner): Promise<string> {
    const payload = simpleSigning(registry, digest);
    const { certificate, signature } = await this.#sign(payload, signer);
    const { verification, ...entry } = await this.#log({
      apiVersion: '0.0.1',
      kind: 'hashedrekord',
      spec: {
        data: { hash: { algorithm: 'sha256', value: hash(payload).toString('hex') } },
        signature: { content: signature, publicKey: { content: Buffer.from(pem(certificate)).toString('base64') } },
      },
    });
    const bundle = { SignedEntryTimestamp: verification.signedEntryTimestamp, Payload: entry };
    return addSignature(registry, digest, payload, {
      'dev.cosignproject.cosign/signature': signature,
      'dev.sigstore.cosign/bundle': JSON.stringify(bundle),
      'dev.sigstore.cosign/certificate': pem(certificate),
      'dev.sigstore.cosign/chain': pem(this.#ca.rootCertificate),
    });
  }

  /** Signs a manifest as `cosign sign` without a key does since version 3. Returns how an index of referrers lists it. */
  async signInBundle(registry: TokenRegistry, subject: Buffer, signer: OwnSigner) {
    const { statement, payloadType, encoded, predicateType } = signStatement(signer.signed ?? digestOf(subject));
    const { certificate, signature } = await this.#sign(encoded, signer);
    const envelope = { payload: statement.toString('base64'), payloadType, signatures: [{ sig: signature }] };
    const verifier = Buffer.from(pem(certificate)).toString('base64');
    const { verification, ...entry } = await this.#log({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        envelopeHash: { algorithm: 'sha256', value: hash(Buffer.from(JSON.stringify(envelope))).toString('hex') },
        payloadHash: { algorithm: 'sha256', value: hash(statement).toString('hex') },
        signatures: [{ signature, verifier }],
      },
    });
    const { logIndex, treeSize, checkpoint, hashes, rootHash } = verification.inclusionProof;
    return addBundle(registry, subject, {
      predicateType,
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: certificate.toString('base64') },
        tlogEntries: [
          {
            logIndex: String(entry.logIndex),
            logId: { keyId: base64(entry.logID) },
            kindVersion: { kind: 'dsse', version: '0.0.1' },
            integratedTime: String(entry.integratedTime),
            inclusionPromise: { signedEntryTimestamp: verification.signedEntryTimestamp },
            inclusionProof: {
              logIndex: String(logIndex),
              rootHash: base64(rootHash),
              treeSize: String(treeSize),
              hashes: hashes.map(base64),
              checkpoint: { envelope: checkpoint },
            },
            canonicalizedBody: entry.body,
          },
        ],
      },
      dsseEnvelope: envelope,
    });
  }

  async #sign(bytes: Buffer, { identity, issuer }: OwnSigner): Promise<{ certificate: Buffer; signature: string }> {
    const { publicKey, privateKey } = newKey();
    const certificate = await this.#ca.issueCertificate({
      publicKey: publicKey.export({ format: 'der', type: 'spki' }),
      subjectAltName: identity,
      extensions: [
        { oid: '1.3.6.1.4.1.57264.1.1', value: issuer, legacy: true },
        { oid: '1.3.6.1.4.1.57264.1.8', value: issuer },
      ],
    });
    return { certificate, signature: sign('sha256', bytes, privateKey).toString('base64') };
  }

  async #log(entry: object): Promise<Logged> {
    const [logged] = Object.values(await this.#tLog.log(entry));
    return logged as unknown as Logged;
  }
}

/** Who signs. `signed`: another digest than that of the image. */
export interface OwnSigner {
  identity: string;
  issuer: string;
  signed?: string;
}
