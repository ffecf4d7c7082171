import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { headPayload, mediumPayload, mediumPayloadType } from '../../../src/main/core/bundle/format/format.ts';
import { ociIndex, ociManifest, parseOci } from '../../../src/main/core/bundle/format/oci-documents.ts';
import { checkJsonShape, parseJson } from '../../../src/main/core/files/parse-json.ts';
import { signEnvelope } from '../../../src/main/core/signing/dsse.ts';
import { parseEnvelope } from '../../../src/main/core/signing/parse-envelope.ts';
import { AppError } from '../../../src/shared/errors/app-error.ts';
import { newSigner } from '../../scenes/write-media.ts';

// `SEALIFT_FUZZ_SECONDS=60` fuzzes for that long, with another seed each time; without it a short, repeatable run.
const seconds = Number(process.env.SEALIFT_FUZZ_SECONDS ?? 0);
const documentCount = 6;
const limits = {
  numRuns: seconds > 0 ? Number.MAX_SAFE_INTEGER : 4000,
  ...(seconds > 0
    ? { interruptAfterTimeLimit: (seconds * 1000) / documentCount }
    : { seed: Number(process.env.SEALIFT_TEST_SEED ?? 29_112_026) }),
};
vi.setConfig({ testTimeout: 120_000 + seconds * 1000 });
const digest = `sha256:${'a'.repeat(64)}`;
const descriptor = { mediaType: 'application/octet-stream', digest, size: 7, annotations: { a: 'b' } };
const documents = {
  envelope: signEnvelope(mediumPayloadType, '{"a":1}', newSigner()),
  manifest: JSON.stringify({ schemaVersion: 2, config: descriptor, layers: [descriptor, descriptor] }),
  index: JSON.stringify({ schemaVersion: 2, manifests: [{ ...descriptor, artifactType: 'x' }] }),
  medium: JSON.stringify({
    version: 1,
    bundle: 'ab'.repeat(16),
    ordinal: 1,
    label: 'A-1',
    created: new Date(0).toISOString(),
    files: [{ path: 'a/b', sizeBytes: 1, sha256: 'a'.repeat(64), blocks: ['a'.repeat(64)] }],
  }),
  head: JSON.stringify({
    version: 1,
    id: 'ab'.repeat(16),
    name: 'a bundle',
    created: new Date(0).toISOString(),
    tool: { name: 'sealift', version: '1' },
    contents: [
      {
        kind: 'model',
        name: 'm',
        manifest: { digest, sizeBytes: 1, mediaType: 'a/b' },
        blobs: [{ digest, sizeBytes: 1 }],
        totalBytes: 2,
        isPublisherDigest: true,
        source: 'a folder',
      },
    ],
    media: [{ ordinal: 1, label: 'A-1', mediumSha256: 'a'.repeat(64), sizeBytes: 1, files: 1 }],
    requirements: { gitlab: '18.9' },
  }),
};

const tokens = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\"',
  'null',
  '-1',
  '1e999',
  '{}',
  '"__proto__":1,',
  '\u0000',
  'ä',
  ' ',
];
const change = fc.record({
  way: fc.nat(5),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(30),
  token: fc.constantFrom(...tokens),
  byte: fc.nat(255),
  times: fc.nat(200),
});
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

/** Changes a document in one place: a byte, a token, a piece left out, repeated or moved. */
function changed(bytes: Buffer, { way, at: share, length, token, byte, times }: Change): Buffer {
  const at = Math.floor(share * bytes.length);
  const end = Math.min(bytes.length, at + length);
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  const ways = [
    [before, Buffer.from([byte]), bytes.subarray(at + 1)],
    [before, Buffer.from(token), piece, after],
    [before, after],
    [before, piece, piece, after],
    [piece, before, after],
    [before, Buffer.from(token.repeat(times)), after],
  ];
  return Buffer.concat(ways[way] ?? []);
}

/** Reads mutations of a document; returns how many were refused with one of these kinds of error. Any other error fails. */
async function fuzz(text: string, read: (bytes: Buffer) => unknown, kinds: (new (...args: never[]) => Error)[]) {
  let refused = 0;
  const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
    try {
      await read(changes.reduce(changed, Buffer.from(text)));
    } catch (error) {
      if (!kinds.some((kind) => error instanceof kind)) throw error;
      refused += 1;
    }
  });
  await fc.assert(property, limits);
  return refused;
}

describe('mutated documents of a medium', () => {
  it('are read or refused as an envelope', async () => {
    expect(await fuzz(documents.envelope, parseEnvelope, [SyntaxError])).toBeGreaterThan(0);
  });

  it('are read or refused as a manifest and an index', async () => {
    const manifest = (bytes: Buffer) => parseOci(bytes, ociManifest, 'It');
    expect(await fuzz(documents.manifest, manifest, [AppError])).toBeGreaterThan(0);
    const index = (bytes: Buffer) => parseOci(bytes, ociIndex, 'It');
    expect(await fuzz(documents.index, index, [AppError])).toBeGreaterThan(0);
  });

  it('are read or refused as the payload of a medium and of the head', async () => {
    const json = (bytes: Buffer) => parseJson(bytes, { depth: 8, values: 1000 });
    expect(mediumPayload.safeParse(json(Buffer.from(documents.medium))).success).toBe(true);
    expect(headPayload.safeParse(json(Buffer.from(documents.head))).success).toBe(true);
    expect(
      await fuzz(documents.medium, (bytes) => mediumPayload.safeParse(json(bytes)), [SyntaxError]),
    ).toBeGreaterThan(0);
    expect(await fuzz(documents.head, (bytes) => headPayload.safeParse(json(bytes)), [SyntaxError])).toBeGreaterThan(0);
  });

  it('have the depth and the texts that JSON.parse finds, also in the scan, or are refused', async () => {
    let compared = 0;
    await fuzz(
      documents.manifest,
      (bytes) => {
        const value: unknown = JSON.parse(bytes.toString('utf8'));
        const shape = { depth: depthOf(value), values: 100_000, hasUniqueNames: true };
        checkJsonShape(bytes, shape, (name, start, end) => {
          const text: unknown = JSON.parse(bytes.toString('utf8', start - 1, end + 1));
          expect((value as Record<string, unknown>)[name]).toBe(text);
        });
        if (shape.depth === 0) return;
        const lower = { ...shape, depth: shape.depth - 1 };
        expect(() => checkJsonShape(bytes, lower)).toThrow(/nested/);
        compared += 1;
      },
      [SyntaxError],
    );
    expect(compared).toBeGreaterThan(100);
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
