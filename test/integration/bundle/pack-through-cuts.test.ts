import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { blockBytes } from '../../../src/main/core/bundle/format/format.ts';
import { BreakingLine } from '../../fakes/breaking-line.ts';
import { ModelHub } from '../../fakes/model-hub.ts';
import { TokenRegistry } from '../../fakes/token-registry.ts';
import { runSealift, startSealift } from '../../run-sealift.ts';
import { makeCertificate } from '../../scenes/certificates.ts';
import { besideSafetensors, digestOf, safetensors, testImage } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';
import { dice } from '../../scenes/random-kills.ts';
import { useRegistry } from '../../scenes/use-registry.ts';

let scene: PackScene;
let registry: TokenRegistry;
let hub: ModelHub;
let line: BreakingLine;
/** The large blobs by digest. */
let blobs: Map<string, Buffer>;

beforeEach(async () => {
  scene = await PackScene.open();
  const certificate = await makeCertificate(scene.folder, 'good');
  registry = await TokenRegistry.start(certificate);
  hub = await ModelHub.start(certificate);
  line = new BreakingLine();
  [registry.line, hub.line] = [line, line];
  await useRegistry(scene, registry, certificate);
  vi.stubEnv('HF_ENDPOINT', `https://${hub.hub.host}`);
  vi.stubEnv('HF_TOKEN', hub.token);
  const image = testImage([2.3, 1.6, 2.1].map((blocks) => Math.round(blocks * blockBytes)));
  registry.add('1.0', [{ image }]);
  const weights = safetensors(Math.round(3.4 * blockBytes));
  hub.commit({ ...besideSafetensors, LICENSE: 'Apache License', 'model.safetensors': weights });
  blobs = new Map([...image.layers, weights].map((bytes) => [digestOf(bytes), bytes]));
  const contents = [
    `{kind: image, from: registry, reference: "${registry.name}:1.0"}`,
    '{kind: model, name: tiny, from: hub, repository: lab/tiny}',
  ];
  const lines = ['bundle: 1', 'name: cuts', ...scene.more, 'contents:', ...contents.map((one) => `  - ${one}`)];
  await writeFile(scene.at('B.yaml'), lines.join('\n'));
  expect((await runSealift('--home', scene.at('home'), 'key', 'new', 'packer')).exitCode).toBe(0);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
  await hub.close();
  await scene.close();
});

/** The blocks of a blob that the journal of the pack has. Its file is named after the blob. */
function journalled(digest: string): number {
  const packs = scene.at('home', 'packs');
  const [folder] = existsSync(packs) ? readdirSync(packs) : [];
  const ledger = scene.at('home', 'packs', folder ?? '', 'ledger.jsonl');
  if (!existsSync(ledger)) return 0;
  const name = createHash('sha256')
    .update(`${digest} 0 ${blobs.get(digest)?.length}`)
    .digest('hex')
    .slice(0, 32);
  return readFileSync(ledger, 'utf8')
    .split('\n')
    .filter((one) => one.includes(name) && one.includes('"index"')).length;
}

/** The bytes that were sent of a blob after the blocks that the journal has: those of the block in flight, and what lies in the sockets. */
function openBytes(digest: string): number {
  const sentTo = line.sent.filter((one) => one.blob === digest).map(({ from, bytes }) => from + bytes);
  return Math.max(0, ...sentTo) - journalled(digest) * blockBytes;
}

const kinds = ['cut', 'kill', 'gone', 'cut', 'gone'] as const;
const random = dice(1);

/** Packs with interruptions, until it is whole or there were enough. Returns how many there were, and the bytes that were sent. */
async function packOnce(most: number): Promise<{ breaks: number; sent: number }> {
  const args = ['--home', scene.at('home'), '--json', 'bundle', 'pack', scene.at('B.yaml'), '--accept-licence'];
  let [breaks, sent, isWhole] = [0, 0, false];
  while (!isWhole) {
    const kept = new Map([...blobs.keys()].map((digest) => [digest, journalled(digest)]));
    line.begin();
    const arm = () => {
      line.breakAt = breaks < most ? Math.ceil(random() * 2 * blockBytes) : Number.POSITIVE_INFINITY;
    };
    arm();
    const { child, ended } = startSealift([...args, '--to', scene.at('m1')]);
    const last: { kind: (typeof kinds)[number] } = { kind: 'cut' };
    line.onBreak = async (response) => {
      const kind = kinds[breaks % kinds.length] ?? 'cut';
      last.kind = kind;
      breaks += 1;
      if (kind === 'cut') {
        response.destroy();
        arm();
      } else if (kind === 'kill') {
        child.kill('SIGKILL');
        await ended;
      } else renameSync(scene.at('m1'), scene.at('pulled'));
    };
    const run = await ended;
    if (existsSync(scene.at('pulled'))) {
      rmSync(scene.at('m1'), { recursive: true, force: true });
      renameSync(scene.at('pulled'), scene.at('m1'));
    }
    isWhole = run.exitCode === 0;
    const isKilled = last.kind === 'kill';
    const end = isKilled ? run.exitCode : run.json.error?.code;
    if (!isWhole) expect(end, run.stderr).toBe(isKilled ? null : 'medium.gone');
    for (const [digest, bytes] of blobs) {
      const parts = line.sent.filter((one) => one.blob === digest);
      const blocks = kept.get(digest) ?? 0;
      // No block that the journal has is fetched again, and nothing is left out.
      if (parts.length > 0) expect([digest, parts[0]?.from]).toEqual([digest, blocks * blockBytes]);
      else if (isWhole) expect(blocks).toBe(Math.ceil(bytes.length / blockBytes));
      if (!isWhole) expect(openBytes(digest)).toBeLessThan(2 * blockBytes);
      sent += parts.reduce((sum, one) => sum + one.bytes, 0);
    }
  }
  await checkMedia([scene.at('m1')]);
  return { breaks, sent };
}

it('fetches nothing twice beyond the block in flight, over 20 cuts, kills and pulled media', {
  timeout: 900_000,
}, async () => {
  const size = [...blobs.values()].reduce((sum, one) => sum + one.length, 0);
  let [breaks, sent, rounds] = [0, 0, 0];
  while (breaks < 20) {
    rmSync(scene.at('m1'), { recursive: true, force: true });
    const one = await packOnce(20 - breaks);
    expect(one.breaks).toBeGreaterThan(0);
    breaks += one.breaks;
    sent += one.sent;
    rounds += 1;
  }
  process.stdout.write(
    `${breaks} interruptions, ${rounds} packs, ${sent - rounds * size} of ${sent} bytes fetched twice\n`,
  );
  // Of 20 interruptions 4 are kills, after which the block in flight is fetched again, and what was in the sockets.
  // After a cut the next byte is asked for, and a file that is open when its medium goes is written to its end.
  expect(sent).toBeGreaterThanOrEqual(rounds * size);
  expect(sent).toBeLessThanOrEqual(rounds * size + 4 * 2 * blockBytes);
});
