import { existsSync, mkdtempSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BundleContent } from '../../../src/main/core/bundle/format/format.ts';
import { createCore } from '../../../src/main/core/create-core.ts';
import { followJob } from '../../../src/main/core/jobs/follow-job.ts';
import type { Core } from '../../../src/main/core/ports.ts';
import { homePaths } from '../../../src/main/core/settings/paths.ts';
import { fingerprintToWords } from '../../../src/main/core/signing/fingerprint.ts';
import { signNotice } from '../../../src/main/core/signing/key-notices.ts';
import { type AppContract, contract } from '../../../src/shared/contract/index.ts';
import { type Client, connect } from '../../../src/shared/rpc/connect.ts';
import { memoryPipes } from '../../../src/shared/rpc/pipe.ts';
import { serve } from '../../../src/shared/rpc/serve.ts';
import { testPorts } from '../../scenes/site-scene.ts';
import {
  type FakeContent,
  type FakeManifest,
  newSigner,
  someBytes,
  writeAt,
  writeMedia,
} from '../../scenes/write-media.ts';

const MiB = 1024 * 1024;
const signer = newSigner();
const folder = mkdtempSync(join(tmpdir(), 'sealift-largest-'));
const home = join(folder, 'home');
/** Three bytes a letter, so that letters and bytes differ as much as they can. */
const wide = (chars: number) => '中'.repeat(chars);
let core: Core;
let client: Client<AppContract>;
let largestFrame = 0;
let closed = false;

/** What the head may say of a content beyond what it is. */
function wordy(content: BundleContent): BundleContent {
  const origins = Array.from({ length: 20 }, (_, at) => ({
    url: `https://example.invalid/${at}/${wide(2000)}`,
    digest: content.manifest.digest,
  }));
  return {
    ...content,
    source: wide(500),
    licence: wide(200),
    origins,
    ...(content.kind === 'model' && { packedAnyway: { reason: wide(500), problem: wide(500) } }),
    ...(content.kind === 'files' && {
      packages: { provides: 'container-engine', system: 'debian', version: '12', architecture: 'x64' },
    }),
  };
}

/** Names of files as long as a manifest of 4 MiB allows; all are one blob. */
function manyFiles(count: number) {
  return (manifest: FakeManifest, { kind }: FakeContent): FakeManifest => {
    const [layer] = manifest.layers;
    if (kind === 'image' || !layer) return manifest;
    const key = Object.keys(layer.annotations)[0] ?? '';
    const layers = Array.from({ length: count }, (_, at) => ({
      ...layer,
      annotations: { [key]: `${wide(40)}/${wide(40)}-${at}.gguf` },
    }));
    return { ...manifest, layers };
  };
}

const scan = { command: wide(1000), endedAt: new Date().toISOString(), output: Array(40).fill(wide(500)) };
const spoken = { packedBy: wide(200), scan, requirements: { gitlab: wide(50), note: wide(1000) } };

/** As many contents as a bundle may have, on one medium, with all that may be said of them; so many files in each model. */
function fullBundle(place: string, files: number): string {
  const content = (at: number): FakeContent => {
    const kind = (['model', 'files', 'image'] as const)[at % 3] ?? 'image';
    const name = kind === 'image' ? `r.example/${'a/'.repeat(60)}${at}:${'t'.repeat(100)}` : `${'n'.repeat(58)}${at}`;
    return { kind, name, files: { 'a.gguf': Buffer.from('one') } };
  };
  const contents = Array.from({ length: 200 }, (_, at) => content(at));
  const lies = {
    head: (head: object & { contents: BundleContent[] }) => ({
      ...head,
      ...spoken,
      name: wide(100),
      contents: head.contents.map(wordy),
    }),
    ...(files > 0 && { manifest: manyFiles(files) }),
  };
  const { dirs } = writeMedia(join(folder, place), { contents, signer, lies });
  const notices = Array.from({ length: 50 }, () => {
    const other = newSigner();
    const about = { version: 1, at: new Date().toISOString(), kind: 'revoked' } as const;
    return signNotice({ ...about, key: newSigner().keyId, reason: wide(150) }, other).line;
  });
  writeAt(dirs[0] ?? '', 'sealift/key-notices.jsonl', notices.join('\n'));
  return dirs[0] ?? '';
}

/** Many media, each with some blob that all contents share. */
function manyMedia(place: string): string[] {
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`f${at}`, someBytes(300, `blob ${at}`)]));
  const contents = Array.from(
    { length: 20 },
    (_, at): FakeContent => ({ kind: 'files', name: `set-${at}`, files, config: '{}' }),
  );
  const lies = {
    head: (head: object & { contents: BundleContent[] }) => ({ ...head, contents: head.contents.map(wordy) }),
  };
  const { dirs } = writeMedia(join(folder, place), { contents, signer, media: 300, lies });
  return dirs;
}

function cutOff(dirs: readonly string[]): void {
  for (const dir of dirs) {
    const blobs = join(dir, 'sealift/layout/blobs/sha256');
    if (existsSync(blobs)) for (const name of readdirSync(blobs)) truncateSync(join(blobs, name), 1);
  }
}

/** The size of what the core sent most at once, and of the largest journal, for one thing that was asked. */
async function largest(ask: () => Promise<unknown>): Promise<{ frame: number; journal: number }> {
  largestFrame = 0;
  await ask();
  expect(closed).toBe(false);
  const journals = homePaths(home).jobs;
  const sizes = readdirSync(journals).map((name) => statSync(join(journals, name)).size);
  return { frame: largestFrame, journal: Math.max(0, ...sizes) };
}

let full = '';
let listed = '';
let many: string[] = [];
let spoilt: string[] = [];
const show = () => undefined;

beforeAll(async () => {
  core = await createCore(testPorts(home), { mayWrite: true });
  const [here, there] = memoryPipes();
  here.onFrame((text) => {
    largestFrame = Math.max(largestFrame, Buffer.byteLength(text));
  });
  here.onClose(() => {
    closed = true;
  });
  serve(contract, core.handlers, there, { mayWrite: true, owner: 'a test', newRef: () => 'ref' });
  client = connect(contract, here, 'the core');
  await client.keys.trust({ key: { fingerprint: fingerprintToWords(signer.keyId) }, label: 'packer' });
  full = fullBundle('full', 0);
  listed = fullBundle('listed', 500);
  many = manyMedia('many');
  spoilt = manyMedia('spoilt');
  cutOff(spoilt);
});
afterAll(async () => {
  await core.close();
  await rm(folder, { recursive: true, force: true });
});

const onto = { engine: 'none' };
const verified = (dirs: string[]) =>
  followJob(client, contract.bundle.verify, client.bundle.verify({ dirs }), { show });
const rows: [what: string, ask: () => Promise<unknown>][] = [
  ['inspect, all that may be said', () => client.bundle.inspect({ dirs: [full] })],
  ['inspect, many files', () => client.bundle.inspect({ dirs: [listed] })],
  ['inspect, many damaged media', () => client.bundle.inspect({ dirs: spoilt })],
  ['verify, all that may be said', () => verified([full])],
  ['verify, many damaged media', () => verified(spoilt)],
  ['diff', () => client.bundle.diff({ before: listed, after: full })],
  ['import preview, all that may be said', () => client.imports.plan({ dirs: [full], ...onto })],
  ['import preview, many media', () => client.imports.plan({ dirs: many, ...onto })],
  [
    'import, many files',
    () => followJob(client, contract.imports.run, client.imports.run({ dirs: [listed], ...onto }), { show }),
  ],
  ['packages', () => client.packages.list({})],
  ['keys', () => client.keys.list({})],
  ['jobs', () => client.jobs.list({})],
  [
    'each job with its result',
    async () => {
      const { jobs } = await client.jobs.list({});
      expect(jobs.length).toBeGreaterThan(2);
      for (const { id } of jobs) expect(await client.jobs.show({ jobId: id })).toHaveProperty('result');
    },
  ],
];

describe('the largest media that are read', () => {
  it.each(rows)('%s: no frame and no journal is larger than 1 MiB', async (_what, ask) => {
    const { frame, journal } = await largest(ask);
    expect(frame).toBeLessThan(MiB);
    expect(journal).toBeLessThan(MiB);
  });

  it('counts what did not fit', async () => {
    const { contents, contentCount } = await client.bundle.inspect({ dirs: [full] });
    expect(contentCount).toBe(200);
    expect(contents[0]).toMatchObject({ originCount: 20 });
    const { damage, damageCount } = await client.bundle.inspect({ dirs: spoilt });
    expect(damageCount).toBeGreaterThanOrEqual(300);
    expect(damage[0]?.contents?.at(-1)).toMatch(/^files set-|^… and \d+ more$/);
    const { findings } = await client.imports.plan({ dirs: [full], ...onto });
    expect(findings.length).toBeGreaterThan(20);
  });
});
