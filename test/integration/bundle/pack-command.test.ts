import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quietWork } from '../../../src/main/core/work.ts';
import { atTerminal } from '../../at-terminal.ts';
import { missing } from '../../needs.ts';
import { runHere } from '../../run-here.ts';
import { goodMachine } from '../../scenes/machines.ts';
import { gguf, safetensors, writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia, walk } from '../../scenes/packed-media.ts';

const mebibyte = 1024 * 1024;
const isRoot = process.getuid?.() === 0;
let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
  const { privateKey } = generateKeyPairSync('ed25519');
  await mkdir(scene.at('home/keys'), { recursive: true });
  await writeFile(scene.at('home/keys/packer.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
  await writeTree(scene.folder, { 'model/tiny.gguf': gguf(300_000), 'NOTES.txt': 'a note' });
  await writeFile(
    scene.at('B.yaml'),
    'bundle: 1\nname: go\ncontents:\n  - {kind: model, name: tiny, path: model}\n  - {kind: files, name: notes, paths: [NOTES.txt]}\n',
  );
});
afterEach(async () => {
  for (const mount of ['full', 'frozen']) spawnSync('umount', [scene.at(mount)]);
  await scene.close();
});

const packing = (args: string[]) => [
  '--json',
  '--home',
  scene.at('home'),
  'bundle',
  'pack',
  ...args,
  '--accept-licence',
];
const answered = ({ exitCode, stdout, stderr }: { exitCode: number | null; stdout: string; stderr: string }) => ({
  exitCode,
  stderr,
  ...JSON.parse(stdout || '{}'),
});

async function sealift(args: string[]) {
  return answered(await runHere(...packing(args)));
}

/** The same by a process of its own, which another command starts. */
function sealiftBy(prefix: string[], args: string[]) {
  const [command = '', ...rest] = [...prefix, process.execPath, 'out/main/cli.js', ...packing(args)];
  const run = spawnSync(command, rest, { encoding: 'utf8' });
  return answered({ ...run, exitCode: run.status });
}

/** A filesystem of its own; false where this machine does not allow that. */
function mounted(name: string, options: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', scene.at(name)]).status === 0;
}

const noMounts = missing('the right to mount a filesystem', () => {
  const made = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  return isRoot && made.status === 0;
});

describe('sealift bundle pack', () => {
  it('lists what the machine of a readiness file lacks and the bundle does not bring', async () => {
    const machine = goodMachine({ engine: { ...goodMachine().engine, state: 'absent' } });
    const [createdAt, toolVersion] = ['2026-11-29T00:00:00Z', '1.0.0'];
    const readiness = { kind: 'sealift.readiness', version: 1, createdAt, toolVersion, machine, findings: [] };
    await writeFile(scene.at('readiness.json'), JSON.stringify(readiness));
    const forMachine = ['--to', scene.at('m1'), '--for', scene.at('readiness.json')];
    const line = 'The machine lacks a container engine, and the bundle has no packages with it for ubuntu 24.04.';
    expect(await sealift([scene.at('B.yaml'), ...forMachine, '--plan'])).toMatchObject({ data: { lacks: [line] } });
    const packed = await sealift([scene.at('B.yaml'), ...forMachine]);
    expect(packed.stderr).toContain(line);
    expect(packed.data.lacks).toEqual([line]);
    await appendFile(
      scene.at('B.yaml'),
      '  - {kind: files, name: d, paths: [NOTES.txt], provides: container-engine, for: {system: ubuntu, version: "24.04"}}\n',
    );
    expect(await sealift([scene.at('B.yaml'), ...forMachine, '--plan', '--overwrite'])).toMatchObject({
      data: { lacks: [] },
    });
  });

  it('asks whether the contents may be redistributed, as the window does', async () => {
    await appendFile(scene.at('B.yaml'), '  - {kind: files, name: guide, paths: [NOTES.txt], licence: CC-BY-4.0}\n');
    const args = ['--home', scene.at('home'), 'bundle', 'pack', scene.at('B.yaml'), '--to', scene.at('m1')];
    const unasked = await runHere('--json', ...args);
    expect(unasked).toMatchObject({ exitCode: 2, json: { error: { code: 'pack.licence-unaccepted' } } });
    const question = 'redistribute all of these? [y/N]';
    const refused = await atTerminal(args, [[question, 'n']]);
    expect(refused.exitCode).toBe(2);
    expect(refused.text).toContain('files guide: CC-BY-4.0');
    expect(refused.text).toContain('model tiny: no licence stated');
    expect(await walk(scene.folder)).not.toContain('m1');
    expect(await atTerminal(args, [[question, 'y']])).toMatchObject({ exitCode: 0 });
    await checkMedia([scene.at('m1')]);
  });

  it('accepts by name what no one is asked about, and says which names are missing', async () => {
    await appendFile(scene.at('B.yaml'), '  - {kind: files, name: guide, paths: [NOTES.txt], licence: CC-BY-4.0}\n');
    const pack = (...args: string[]) =>
      runHere('--json', '--home', scene.at('home'), 'bundle', 'pack', scene.at('B.yaml'), ...args);
    const named = ['--to', scene.at('m1'), '--accept-licence', 'tiny'];
    const whole = `bundle pack ${scene.at('B.yaml')} --to ${scene.at('m1')} --accept-licence tiny --accept-licence notes --accept-licence guide`;
    expect(await pack(...named)).toMatchObject({
      exitCode: 2,
      json: {
        error: {
          code: 'pack.licence-unaccepted',
          details: { contents: ['files notes: no licence stated', 'files guide: CC-BY-4.0'] },
          remedies: expect.arrayContaining([
            expect.objectContaining({ kind: 'call', command: expect.stringContaining(whole) }),
          ]),
        },
      },
    });
    expect(await walk(scene.folder)).not.toContain('m1');
    const packed = await pack(...named, '--accept-licence', 'notes', '--accept-licence', 'guide');
    expect(packed).toMatchObject({ exitCode: 0 });
    expect(packed.stderr).toContain('Accepted: model tiny: no licence stated');
    expect(packed.stderr).toContain('Accepted: files guide: CC-BY-4.0');
  });

  it('reads back what it packed; only an import asks for trust in the key', async () => {
    expect(await sealift([scene.at('B.yaml'), '--to', scene.at('m1')])).toMatchObject({ exitCode: 0 });
    const run = (...args: string[]) => runHere('--json', '--home', scene.at('home'), ...args);
    for (const verb of ['inspect', 'verify']) expect((await run('bundle', verb, scene.at('m1'))).exitCode).toBe(0);
    const refused = await run('import', scene.at('m1'));
    expect([refused.exitCode, refused.json.error?.code]).toEqual([3, 'bundle.untrusted']);
  });

  it.skipIf(process.platform !== 'linux')('packs and reads back where address space is limited', async () => {
    await writeFile(scene.at('NOTES.txt'), Buffer.alloc(20 * mebibyte, 'note'));
    // Aligned memory takes 10 GiB of addresses.
    const limited = ['sh', '-c', 'ulimit -v 6000000 && exec "$@"', 'sh'];
    expect(sealiftBy(limited, [scene.at('B.yaml'), '--to', scene.at('m1')])).toMatchObject({ exitCode: 0 });
    await checkMedia([scene.at('m1')]);
  });

  it('packs and answers with the agreed names', async () => {
    const answer = await sealift([scene.at('B.yaml'), '--to', scene.at('m1'), '--head', scene.at('go.bundle.json')]);
    expect(answer).toMatchObject({ exitCode: 0, ok: true });
    const { id, media, bytesRead, bytesWritten, durationMs, blocks, fingerprint, readBack } = answer.data;
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(media).toEqual([
      { ordinal: 1, label: 'go-1', path: scene.at('m1'), bytes: expect.any(Number), files: expect.any(Number) },
    ]);
    for (const number of [bytesRead, bytesWritten, durationMs, blocks]) expect(number).toBeGreaterThan(0);
    expect(['direct', 'cached']).toContain(readBack);
    await checkMedia([scene.at('m1')]);
  });

  it('with --plan, only lists what goes where, without a key and without creating a folder', async () => {
    const to = ['--to', scene.at('new1'), '--to', scene.at('new2')];
    const sizes = ['--part-size', '256KiB', '--medium-size', '800KiB'];
    const answer = await sealift([scene.at('B.yaml'), ...to, ...sizes, '--plan', '--key', 'none']);
    expect(answer).toMatchObject({ exitCode: 0, data: { name: 'go', media: [{ label: 'go-1' }, { label: 'go-2' }] } });
    const packed = answer.data.media.reduce((sum: number, one: { bytes: number }) => sum + one.bytes, 0);
    expect(packed).toBe(answer.data.totalBytes);
    expect((await walk(scene.folder)).filter((one) => one.startsWith('new'))).toEqual([]);
  });

  it.each([
    ['no --to', [], 2, 'usage.invalid'],
    ['a size that is none', ['--to', 'm1', '--part-size', 'much'], 2, 'usage.invalid'],
    ['parts of a few bytes', ['--to', 'm1', '--part-size', '10'], 2, 'usage.invalid'],
    ['media that are too small', ['--to', 'm1', '--medium-size', '300KiB'], 3, 'space.short'],
    ['a key that is not there', ['--to', 'm1', '--key', 'other'], 2, 'key.missing'],
    ['a key file that is none', ['--to', 'm1', '--key', './NOTES.txt'], 2, 'key.invalid'],
    ['a folder for the head that is not there', ['--to', 'm1', '--head', 'none/h.json'], 2, 'file.missing'],
    ['a head in place of a source', ['--to', 'm1', '--head', 'NOTES.txt'], 2, 'input.invalid'],
  ])('refuses %s and writes nothing', async (_what, args, exitCode, code) => {
    const run = spawnSync(
      process.execPath,
      [
        join(process.cwd(), 'out/main/cli.js'),
        '--json',
        '--home',
        scene.at('home'),
        'bundle',
        'pack',
        'B.yaml',
        '--accept-licence',
        ...args,
      ],
      { cwd: scene.folder, encoding: 'utf8' },
    );
    expect(JSON.parse(run.stdout)).toMatchObject({ ok: false, error: { code } });
    expect(run.status).toBe(exitCode);
    expect((await walk(scene.folder)).filter((path) => path.startsWith('m1'))).toEqual([]);
  });

  it('names a choice when there are several keys, and none of their bytes', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    await writeFile(scene.at('home/keys/site.pem'), pem);
    expect(await sealift([scene.at('B.yaml'), '--to', scene.at('m0')])).toMatchObject({ exitCode: 0 });
    await writeFile(scene.at('home/keys/wrong.pem'), pem);
    const unclear = await sealift([scene.at('B.yaml'), '--to', scene.at('m1')]);
    expect(unclear).toMatchObject({ exitCode: 2, error: { code: 'key.which' } });
    expect(unclear.error.message).toContain('packer, wrong');
    const wrong = await sealift([scene.at('B.yaml'), '--to', scene.at('m1'), '--key', 'wrong']);
    expect(wrong.error.message).toContain('does not contain an ed25519 private key');
    expect(JSON.stringify([unclear, wrong])).not.toContain(pem.split('\n')[1]);
  });

  it.each([
    ['INT', 130],
    ['KILL', 137],
  ])('resumes after SIG%s, which leaves a marked medium', async (signal, exitCode) => {
    await writeTree(scene.at('model'), { 'large.safetensors': safetensors(300 * mebibyte) });
    const script = `${process.execPath} out/main/cli.js --home "$1" bundle pack "$2" --accept-licence --to "$3" --no-read-back & pid=$!
      while ! compgen -G "$3/sealift/layout/blobs/sha256/*.part" > /dev/null; do kill -0 $pid || break; done; kill -${signal} $pid; wait $pid`;
    const args = [scene.at('home'), scene.at('B.yaml'), scene.at('m1')];
    const stopped = spawnSync('bash', ['-c', script, 'bash', ...args], { encoding: 'utf8' });
    expect(stopped.status).toBe(exitCode);
    expect(await walk(scene.at('m1'))).toContain('sealift/UNFINISHED');
    if (signal === 'INT') {
      expect(stopped.stderr).toContain('sealift bundle pack was interrupted');
      expect(stopped.stderr).toContain('it resumes where it stopped');
    }
    const again = await sealift([scene.at('B.yaml'), '--to', scene.at('m1')]);
    expect(again).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Resuming bundle') });
    await checkMedia([scene.at('m1')]);
  });
});

describe.skipIf(!isRoot || missing('setpriv'))('sealift bundle pack without rights', () => {
  const asNobody = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups'];

  beforeEach(async () => {
    for (const folder of ['.', 'home', 'home/keys']) await chmod(scene.at(folder), 0o777);
    await chmod(scene.at('home/keys/packer.pem'), 0o644);
  });

  it('names the source that it may not read', async () => {
    await chmod(scene.at('NOTES.txt'), 0o600);
    const answer = sealiftBy(asNobody, [scene.at('B.yaml'), '--to', scene.at('m1')]);
    expect(answer).toMatchObject({
      exitCode: 3,
      error: { code: 'file.denied', details: { path: scene.at('NOTES.txt') } },
    });
  });

  it('names the folder that it may not write to, before it writes', async () => {
    await mkdir(scene.at('m1'), { mode: 0o755 });
    const answer = sealiftBy(asNobody, [scene.at('B.yaml'), '--to', scene.at('m2'), '--to', scene.at('m1')]);
    const details = { path: scene.at('m1'), action: 'write' };
    expect(answer).toMatchObject({ exitCode: 3, error: { code: 'file.denied', details } });
    expect(await walk(scene.folder)).not.toContain('m2');
  });
});

describe.skipIf(noMounts)('sealift bundle pack on filesystems of their own', () => {
  it('refuses a medium that is too small, and one that cannot be written', async () => {
    for (const name of ['full', 'frozen']) await mkdir(scene.at(name));
    expect(mounted('full', 'size=1m')).toBe(true);
    expect(mounted('frozen', 'ro')).toBe(true);
    const small = await sealift([scene.at('B.yaml'), '--to', scene.at('full')]);
    expect(small).toMatchObject({ exitCode: 3, error: { code: 'space.short', details: { path: scene.at('full') } } });
    expect(JSON.stringify(small.error.remedies)).toContain(`df -h ${scene.at('full')}"`);
    const frozen = await sealift([scene.at('B.yaml'), '--to', scene.at('frozen')]);
    expect(frozen).toMatchObject({
      exitCode: 3,
      error: { code: 'file.denied', details: { action: 'write', obstacle: 'read-only' } },
    });
    expect(await walk(scene.at('full'))).toEqual([]);
  });

  it('stops when the medium fills up although the plan fitted', async () => {
    await mkdir(scene.at('full'));
    expect(mounted('full', 'size=40m')).toBe(true);
    await writeTree(scene.at('model'), { 'large.safetensors': safetensors(30 * mebibyte) });
    // Somebody else fills the medium between the plan and the writing.
    const fill = () => spawnSync('dd', ['if=/dev/zero', `of=${scene.at('full/other')}`, 'bs=1M', 'count=25']);
    const step = (id: string) => void (id === 'write' && fill());
    const code = await scene.refusal(['{kind: model, name: tiny, path: model}'], ['full'], {
      work: { ...quietWork(), step },
    });
    expect(code).toBe('space.ran-out');
    expect(await walk(scene.at('full'))).toContain('sealift/UNFINISHED');
  });

  it('fills a small medium to the promised size', async () => {
    await mkdir(scene.at('full'));
    expect(mounted('full', 'size=20m')).toBe(true);
    await writeTree(scene.at('model'), { 'large.safetensors': safetensors(17 * mebibyte) });
    expect(await sealift([scene.at('B.yaml'), '--to', scene.at('full')])).toMatchObject({ exitCode: 0 });
    await checkMedia([scene.at('full')]);
    // The space of a bundle that will be replaced counts as free.
    expect(await sealift([scene.at('B.yaml'), '--to', scene.at('full'), '--overwrite'])).toMatchObject({ exitCode: 0 });
  });
});
