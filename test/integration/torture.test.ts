import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { blockBytes } from '../../src/main/core/bundle/format/format.ts';
import { connectEngine, engineAddress } from '../../src/main/core/engine/connect-engine.ts';
import type { readServiceStatus } from '../../src/main/core/site/status/service-status.ts';
import { sitePaths } from '../../src/main/core/sites/site-paths.ts';
import { storePaths } from '../../src/main/core/store/store-paths.ts';
import { contractImage } from '../fakes/contract-image.ts';
import { startOpenaiServer } from '../fakes/openai-server.ts';
import { missing } from '../needs.ts';
import { runSealift } from '../run-sealift.ts';
import { engineListing, openContainerStage } from '../scenes/container-stage.ts';
import { dockerIsThere } from '../scenes/docker-is-there.ts';
import { ImageStage, imagePrefix, removeTraces, tracesOf } from '../scenes/image-stage.ts';
import { writeTree } from '../scenes/make-sources.ts';
import { ownName } from '../scenes/own-name.ts';
import { checkMedia, walk } from '../scenes/packed-media.ts';
import { dice, type Ended, KilledCommand } from '../scenes/random-kills.ts';
import { killHard, SiteScene, untilGone } from '../scenes/site-scene.ts';
import { smallImage } from '../scenes/small-image.ts';
import { ggufBytes, sha256, writeMedia } from '../scenes/write-media.ts';

// `npm run torture -- --minutes N` sets these; without them a short, repeatable version runs.
const minutes = Number(process.env.SEALIFT_TORTURE_MINUTES ?? 0);
const seed = Number(process.env.SEALIFT_TORTURE_SEED ?? 1);
const random = dice(seed);
const endsAt = Date.now() + minutes * 60_000;
vi.setConfig({ testTimeout: minutes === 0 ? 180_000 : 3_600_000 });

const cannotTrace = missing('strace');
const said: string[] = [];
afterAll(() => process.stdout.write(`seed ${seed}\n${said.join('\n')}\n`));

/** How many kills: a few in the short version, `least` in the long one, and as many more as this share of the time that is left allows. */
function kills(short: number, least: number, share: number): { isOpen(done: number): boolean } {
  const end = Date.now() + Math.max(0, endsAt - Date.now()) * share;
  return { isOpen: (done) => done < (minutes === 0 ? short : least) || Date.now() < end };
}

/** Kills a command until it once ends by itself, or `isOpen` says no; then lets it end. Its answer must be good. */
async function torment(command: KilledCommand, isOpen: () => boolean): Promise<Ended> {
  for (let ended: Ended; isOpen(); ) {
    ended = await command.kill(random);
    if (!ended.isKilled) return ended;
  }
  return command.finish();
}

function expectGood({ run }: Ended): void {
  expect(run, `${run.stdout}${run.stderr.slice(-2000)}`).toMatchObject({ exitCode: 0, json: { ok: true } });
}

async function folderFor(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `sealift-torture-${name}-`));
}

it.skipIf(cannotTrace)('weights are right after random kills of the import', async () => {
  const folder = await folderFor('weights');
  try {
    const weights = ggufBytes(9 * blockBytes + 4711, 'torture');
    const bundle = writeMedia(folder, {
      media: 2,
      partBytes: 4 * blockBytes,
      contents: [{ kind: 'model', name: 'big', files: { 'model.gguf': weights } }],
    });
    const home = join(folder, 'home');
    const trusted = await runSealift('--home', home, 'key', 'trust', bundle.signer.keyId);
    expect(trusted.exitCode, trusted.stderr).toBe(0);
    const paths = storePaths(join(home, 'store'));
    const budget = kills(3, 25, 0.2);
    const args = ['--home', home, '--json', 'import', ...bundle.dirs];
    let total = { kills: 0, read: 0, twice: 0 };
    const check = (ended: Ended) => {
      expectGood(ended);
      expect(sha256(readFileSync(join(paths.models, 'big/model.gguf')))).toBe(sha256(weights));
    };
    let command = new KilledCommand(folder, args, { isTraced: true });
    check(await command.finish());
    const unkilled = command;
    while (budget.isOpen(total.kills)) {
      rmSync(join(home, 'store'), { recursive: true, force: true });
      command = unkilled.again();
      const before = total.kills;
      check(await torment(command, () => budget.isOpen(before + command.kills)));
      expect((await walk(paths.store)).filter((path) => /\.part|ledgers\/./.test(path))).toEqual([]);
      expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
      const reads = bundle.dirs.map((dir) => command.readBytes(dir));
      const twice = reads.reduce((sum, one) => sum + one.twice, 0);
      // At most what was read but not yet entered: two blocks and what was read ahead.
      expect(twice).toBeLessThanOrEqual((command.kills + 1) * 3 * blockBytes);
      total = {
        kills: total.kills + command.kills,
        read: total.read + reads.reduce((sum, one) => sum + one.read, 0),
        twice: total.twice + twice,
      };
    }
    said.push(`import of weights: ${total.kills} kills, ${total.read} bytes read, ${total.twice} of them twice`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it.skipIf(cannotTrace || missing('a running dockerd', dockerIsThere))(
  'an image is right after random kills of the import',
  async () => {
    const engine = await connectEngine(engineAddress(undefined));
    const stage = await ImageStage.open();
    const reference = `${imagePrefix}/torture:1`;
    const image = await smallImage([20, 8, 1].map((size) => ({ [`f${size}`]: randomBytes(size * 1024 * 1024) })));
    try {
      await stage.pack([await stage.layout('layout', reference, image)], ['m1']);
      const args = ['--home', stage.home, '--json', 'import', stage.at('m1')];
      const budget = kills(2, 25, 0.25);
      let command = new KilledCommand(stage.folder, args, { isTraced: true });
      expectGood(await command.finish());
      let total = { kills: 0, read: 0, twice: 0 };
      while (budget.isOpen(total.kills)) {
        await removeTraces(engine, image);
        rmSync(stage.store, { recursive: true, force: true });
        command = command.again();
        const before = total.kills;
        const ended = await torment(command, () => budget.isOpen(before + command.kills));
        expectGood(ended);
        expect(ended.run.json.data).toMatchObject({ images: [{ reference, imageId: image.config.digest }] });
        expect(await tracesOf(engine, image)).toEqual([reference]);
        expect((await walk(stage.store)).filter((path) => /\.part|ledgers\/./.test(path))).toEqual([]);
        expect(readdirSync(stage.at('tmp'))).toEqual([]);
        const reads = command.readBytes(stage.at('m1'));
        total = { kills: total.kills + command.kills, read: total.read + reads.read, twice: total.twice + reads.twice };
      }
      said.push(`import of an image: ${total.kills} kills, ${total.read} bytes read, ${total.twice} of them twice`);
    } finally {
      await removeTraces(engine, image);
      await stage.close();
    }
  },
);

it('media are right after random kills of the pack', async () => {
  const folder = await folderFor('pack');
  try {
    const home = join(folder, 'home');
    await runSealift('--home', home, 'key', 'new', 'packer');
    await writeTree(folder, { big: randomBytes(6 * blockBytes + 4711), 'small/a': 'a', 'small/b': 'b' });
    const contents = ['{kind: files, name: big, paths: [big]}', '{kind: files, name: small, paths: [small]}'];
    writeFileSync(
      join(folder, 'B.yaml'),
      `bundle: 1\nname: t\ncontents:\n${contents.map((one) => `  - ${one}\n`).join('')}`,
    );
    const media = ['m1', 'm2'].map((name) => join(folder, name));
    const args = [
      '--home',
      home,
      '--json',
      'bundle',
      'pack',
      join(folder, 'B.yaml'),
      '--accept-licence',
      '--part-size',
      '32MiB',
    ];
    args.push('--medium-size', '70MiB', ...media.flatMap((one) => ['--to', one]));
    const budget = kills(3, 20, 0.2);
    let command = new KilledCommand(folder, args);
    expectGood(await command.finish());
    let [total, resumed, late] = [0, 0, 0];
    while (budget.isOpen(total)) {
      for (const medium of media) rmSync(medium, { recursive: true, force: true });
      command = command.again();
      const before = total;
      const ended = await torment(command, () => budget.isOpen(before + command.kills));
      // A kill between the last write and the answer leaves a whole bundle, which the next run does not replace.
      const isWholeAlready = ended.run.json.error?.code === 'pack.medium-in-use';
      if (!isWholeAlready) expectGood(ended);
      await checkMedia(media);
      expect(readdirSync(join(home, 'packs'))).toEqual([]);
      expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
      total += command.kills;
      if (isWholeAlready) late += 1;
      else resumed += (ended.run.json.data as { resumedBytes: number }).resumedBytes;
    }
    said.push(`pack: ${total} kills (${late} after the last write), ${resumed} bytes kept by the runs that ended`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('a site is whole after random kills of its deployment', async () => {
  const scene = await SiteScene.open();
  const file = await scene.writeSite();
  const budget = kills(2, 20, 0.6);
  let command = new KilledCommand(scene.folder, ['--home', scene.home, '--json', 'deploy', file]);
  expectGood(await command.finish());
  let total = 0;
  while (budget.isOpen(total)) {
    const removed = await scene.run('uninstall', '--yes', '--keep-weights');
    expect(removed.exitCode, removed.stderr).toBe(0);
    expect(existsSync(scene.paths().folder)).toBe(false);
    command = command.again();
    const before = total;
    expectGood(await torment(command, () => budget.isOpen(before + command.kills)));
    expect(await scene.run('status')).toMatchObject({ exitCode: 0, json: { data: { findings: [] } } });
    expect(await scene.ask()).toMatchObject({ status: 200 });
    expect(await scene.strangers()).toEqual([]);
    expect((await walk(scene.paths().folder)).filter((path) => /\.(part|new|tmp)$/.test(path))).toEqual([]);
    expect(readdirSync(join(scene.folder, 'tmp'))).toEqual([]);
    total += command.kills;
  }
  said.push(`deploy: ${total} kills`);
});

it.skipIf(missing('a running dockerd', dockerIsThere) || missing('go') || missing('curl'))(
  'a site works or says what is unfinished after random kills of its upgrade and rollback, and of what the upgrade tries',
  async () => {
    const name = ownName('torture-upgrade');
    const image = (version: string) => `${name}.example/model-gateway:self-hosted-v${version}-ee`;
    const [old, next, slow] = [image('18.9.0'), image('18.10.0'), image('18.10.1')];
    const model = await startOpenaiServer('', 'served');
    model.instead = (_request, response) => response.end('{"object":"list","data":[]}');
    const stage = await openContainerStage(name, old, model.port);
    const { engine } = stage;
    const ids = {
      [old]: await contractImage(engine, old, 'gateway'),
      [next]: await contractImage(engine, next, 'gateway', { env: ['IT=is-next'] }),
      [slow]: await contractImage(engine, slow, 'gateway', { env: ['CONTRACT_FAULT=slow'] }),
    };
    const running = async () => (await engine.docker.getContainer(`sealift-${name}-gateway`).inspect()).Image;
    const trial = `sealift-${name}-gateway-Trial`;
    const isUnfinished = async () => {
      const { json, stdout, stderr } = await stage.run('status', '--site', name);
      expect(json, stderr).toMatchObject({ ok: true });
      const { findings } = json.data as { findings: { id: string; severity: string }[] };
      if (findings.some((one) => one.id === 'site.upgrade-unfinished')) return true;
      expect(
        findings.filter((one) => one.severity === 'red'),
        stdout,
      ).toEqual([]);
      const answer = await fetch(`http://127.0.0.1:${stage.ports.http}/monitoring/healthz`);
      expect(answer.status).toBe(200);
      return false;
    };
    const expectWhole = async (reference: string) => {
      expect(await running()).toBe(ids[reference]);
      expect(await isUnfinished()).toBe(false);
      expect(await engineListing(engine, trial)).toEqual([]);
      expect(existsSync(sitePaths(join(stage.home, 'data/sites'), name).upgrade)).toBe(false);
    };
    const command = (...args: string[]) =>
      new KilledCommand(stage.home, ['--home', join(stage.home, 'data'), '--json', ...args, '--site', name]);
    const [upgrading, returning] = [command('upgrade', '--from-store'), command('rollback')];
    let [total, unfinished] = [0, 0];
    try {
      await stage.write();
      expect((await stage.run('deploy', stage.siteFile)).exitCode).toBe(0);
      const to = (reference: string) => stage.write({ gitlab: { version: '18.10' }, gateway: { image: reference } });

      await to(slow);
      const tried = stage.run('upgrade', '--from-store', '--site', name);
      await vi.waitUntil(
        async () =>
          (
            await engine.docker
              .getContainer(trial)
              .inspect()
              .catch(() => undefined)
          )?.State.Running,
        { timeout: 120_000 },
      );
      await engine.docker.getContainer(trial).kill();
      expect(await tried).toMatchObject({ exitCode: 4, json: { error: { code: 'upgrade.trial-failed' } } });
      await expectWhole(old);

      await to(next);
      expectGood(await upgrading.finish());
      await expectWhole(next);
      expectGood(await returning.finish());
      await expectWhole(old);
      const budget = kills(4, 20, 0.4);
      while (budget.isOpen(total)) {
        const [isUpgrade, one] = total % 2 === 0 ? [true, upgrading.again()] : [false, returning.again()];
        if (!isUpgrade) expectGood(await upgrading.finish());
        const ended = await one.kill(random);
        if (!ended.isKilled) expectGood(ended);
        total += one.kills;
        const isLeft = await isUnfinished();
        if (isLeft) unfinished += 1;
        // Whatever it was killed at, both ways lead on; a rollback has nothing to return to where the upgrade had not begun.
        if (isLeft && random() < 0.5) {
          const resumed = await upgrading.finish();
          // A rollback that was killed is resumed as what it was.
          const isBack = !isUpgrade && (resumed.run.json.data as { state?: string } | undefined)?.state === 'returned';
          if (!isBack) expectGood(resumed);
          await expectWhole(isBack ? old : next);
        }
        const back = await returning.finish();
        if (back.run.json.error?.code !== 'upgrade.no-previous') expectGood(back);
        await expectWhole(old);
      }
      said.push(`upgrade and rollback: ${total} kills, ${unfinished} of them left it unfinished`);
    } finally {
      await stage.close();
      for (const one of Object.keys(ids)) await engine.docker.getImage(one).remove({ force: true });
      await model.stop();
    }
  },
  1_800_000 + minutes * 60_000,
);

it('a site serves again after random kills of its parts', async () => {
  const scene = await SiteScene.open();
  expect((await scene.run('deploy', await scene.writeSite())).exitCode).toBe(0);
  const budget = kills(2, 20, 1);
  const isRunning = (now: Awaited<ReturnType<typeof readServiceStatus>>) =>
    now.site.service === 'running' && now.parts.every((part) => part.state === 'running');
  const killed: string[] = [];
  while (budget.isOpen(killed.length)) {
    const { service, ...parts } = await scene.pids();
    const names = ['service', ...Object.keys(parts)];
    const name = names[Math.floor(random() * names.length)] ?? 'service';
    const pid = name === 'service' ? service : parts[name];
    killHard(pid);
    killed.push(name);
    if (name === 'service') {
      for (const part of Object.values(parts)) await untilGone(part);
      const found = await scene.run('status');
      expect(found).toMatchObject({ exitCode: 1, json: { data: { findings: [{ id: 'site.service-not-running' }] } } });
      expect((await scene.run('start')).exitCode).toBe(0);
    } else {
      await untilGone(pid);
      await scene.until((now) => isRunning(now) && now.parts.every((part) => part.pid !== pid));
      // A part that dies again and again waits longer each time: a new start counts from zero.
      if ((await scene.condition()).parts.some((part) => part.restarts >= 3)) {
        await scene.run('stop');
        expect((await scene.run('start')).exitCode).toBe(0);
      }
    }
    await scene.until(isRunning);
    let answer = await scene.ask();
    while (answer.status === 503) answer = await scene.ask();
    expect(answer).toMatchObject({ status: 200 });
    expect(await scene.strangers()).toEqual([]);
  }
  said.push(`parts: ${killed.length} kills (${killed.join(', ')})`);
});
