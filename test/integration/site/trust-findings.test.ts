import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatherEvidence } from '../../../src/main/core/report/gather-evidence.ts';
import type { ReportData } from '../../../src/main/core/report/report-data.ts';
import { importsSection } from '../../../src/main/core/report/report-imports.ts';
import { homePaths } from '../../../src/main/core/settings/paths.ts';
import { type KeyNotice, keepNotices, signNotice } from '../../../src/main/core/signing/key-notices.ts';
import { trustKey, untrustKey } from '../../../src/main/core/signing/trust.ts';
import { trustFindings } from '../../../src/main/core/site/status/trust-findings.ts';
import { readSiteFile } from '../../../src/main/core/sites/read-site-file.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import type { ImportRecord } from '../../../src/main/core/store/import-record.ts';
import { writeImport } from '../../../src/main/core/store/read-imports.ts';
import { storePaths } from '../../../src/main/core/store/store-paths.ts';
import { newSigner } from '../../scenes/write-media.ts';

const [packer, other] = [newSigner(), newSigner()];
const now = new Date('2026-11-20T12:00:00Z');
const at = '2026-11-01T00:00:00.000Z';
const hex = 'ab'.repeat(32);
let folder = '';
const home = () => homePaths(folder);

const site = `sealift: 1
name: plant
gitlab: {url: "http://127.0.0.1:8080", version: "18.9"}
gateway: {kind: existing, host: 127.0.0.1, httpPort: 15052, grpcPort: 15053}
model: {engine: vllm, name: tiny, servedName: tiny, contextTokens: 1024, image: "vllm:1", gpu: none}
front: {host: 127.0.0.1, port: 18432}
`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-lost-'));
  await mkdir(sitePaths(home().sites, 'plant').folder, { recursive: true });
  await writeFile(sitePaths(home().sites, 'plant').siteFile, site);
  await trustKey(home().trust, { fingerprint: packer.keyId }, { now, label: 'packer' });
  await trustKey(home().trust, { fingerprint: other.keyId }, { now, label: 'other' });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function record(id: string, keyId: string, holds: Partial<ImportRecord>): Omit<ImportRecord, 'sequence'> {
  return {
    version: 1,
    bundle: { id: id.repeat(32), name: id, headSha256: hex, created: at, toolVersion: '1' },
    media: [],
    signature: { keyId, trust: 'trusted' },
    models: [],
    files: [],
    images: [],
    startedAt: at,
    endedAt: at,
    bytesRead: 1,
    bytesWritten: 1,
    resumedBytes: 0,
    ...holds,
  };
}

const model = { models: [{ name: 'tiny', path: '/m', manifestDigest: `sha256:${hex}`, files: [] }] };
const image = {
  images: [{ reference: 'docker.io/library/vllm:1', digest: `sha256:${hex}`, imageId: 'i', path: 'load' }],
};
const unused = { models: [{ name: 'unused', path: '/m', manifestDigest: `sha256:${hex}`, files: [] }] };

async function imported(...records: Omit<ImportRecord, 'sequence'>[]): Promise<void> {
  const written: ImportRecord[] = [];
  for (const [index, one] of records.entries()) {
    await writeImport(storePaths(home().store), one, written);
    written.unshift({ ...one, sequence: index + 1 });
  }
}

const found = async () =>
  (await trustFindings(home(), sitePaths(home().sites, 'plant'), now)).map(
    ({ severity, title }) => `${severity} ${title}`,
  );
const say = (notice: Pick<KeyNotice, 'kind'> & { reason?: string }) =>
  keepNotices(home().trust, [signNotice({ version: 1, key: packer.keyId, at, ...notice } as KeyNotice, packer)]);

describe('the status of a site', () => {
  it.each<[string, () => Promise<unknown>, string[]]>([
    ['nothing', async () => undefined, []],
    [
      'a revoked key',
      () => say({ kind: 'revoked', reason: 'laptop stolen' }),
      ['red plant: imported under a key that is revoked 2026-11-01 00:00 UTC: laptop stolen: model tiny, image vllm:1'],
    ],
    [
      'an expired key',
      () => say({ kind: 'expires' }),
      ['amber plant: imported under a key that is expired 2026-11-01 00:00 UTC: model tiny, image vllm:1'],
    ],
    [
      'a key that is no longer trusted',
      () => untrustKey(home().trust, 'packer'),
      ['amber plant: imported under a key that is no longer trusted: model tiny, image vllm:1'],
    ],
    ['another key', () => untrustKey(home().trust, 'other'), []],
  ])('tells of %s', async (_what, happen, expected) => {
    await imported(
      record('a', packer.keyId, { ...model, ...image } as Partial<ImportRecord>),
      record('b', other.keyId, unused),
    );
    await happen();
    expect(await found()).toEqual(expected);
  });

  it('is said once of weights from which several models are served', async () => {
    const engine = '{engine: llamacpp, name: tiny, servedName: NAME, features: [FEATURE]}';
    const of = (name: string, feature: string) => engine.replace('NAME', name).replace('FEATURE', feature);
    const list = `models: [${of('coder', 'CODE_COMPLETIONS')}, ${of('talker', 'DUO_CHAT')}]`;
    await writeFile(sitePaths(home().sites, 'plant').siteFile, site.replace(/^model: .*$/m, list));
    await imported(record('a', packer.keyId, model));
    await untrustKey(home().trust, packer.keyId);
    const [only, second] = await trustFindings(home(), sitePaths(home().sites, 'plant'), now);
    expect(only?.title).toMatch(/trusted: model tiny$/);
    expect(second).toBeUndefined();
  });

  it('tells of the key of the second person too', async () => {
    const signature = { keyId: other.keyId, trust: 'trusted' as const, secondKeyId: packer.keyId };
    await imported(record('a', other.keyId, { ...model, signature }));
    await say({ kind: 'expires' });
    expect(await found()).toEqual([
      'amber plant: imported under a key that is expired 2026-11-01 00:00 UTC: model tiny',
    ]);
  });

  it('counts what a later import replaced under a good key', async () => {
    await imported(record('a', packer.keyId, model), record('b', other.keyId, model));
    await untrustKey(home().trust, 'packer');
    expect(await found()).toEqual([]);
  });
});

describe('the report', () => {
  it('asks about both keys whether they are still good', async () => {
    const signature = { keyId: other.keyId, trust: 'trusted' as const, secondKeyId: packer.keyId };
    await imported(record('a', other.keyId, { ...model, signature }));
    await say({ kind: 'revoked', reason: 'laptop stolen' });
    const paths = sitePaths(home().sites, 'plant');
    const opened = await readSiteFile(paths.siteFile);
    const about = {
      readiness: { findings: [] } as unknown as ReportData['readiness'],
      createdAt: now.toISOString(),
      toolVersion: '1',
      keyId: other.keyId,
      passedOver: {},
      doubts: [],
    };
    const { imports } = await gatherEvidence({ ...opened, paths }, home(), about);
    expect(imports).toMatchObject([{ secondTrustLost: { severity: 'red' } }]);
    expect(imports[0]?.trustLost).toBeUndefined();
  });

  it.each([
    ['red', 'revoked 2026-11-01 00:00 UTC: laptop stolen', '■ attention'],
    ['amber', 'no longer trusted', '▲ attention'],
  ] as const)('marks %s what lost its trust', (severity, why, mark) => {
    const one = { ...record('a', packer.keyId, model), signerWords: 'acorn', trustedAs: null };
    const page = importsSection({ imports: [{ ...one, trustLost: { severity, why } }] } as unknown as ReportData).text;
    expect(page).toContain(mark);
    expect(page).toContain(`a key that was trusted at import but is ${why}.`);
  });
});
