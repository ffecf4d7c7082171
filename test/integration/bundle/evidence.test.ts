import { spawnSync } from 'node:child_process';
import { appendFile, chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inspectBundle } from '../../../src/main/core/bundle/read/inspect.ts';
import { openMedia } from '../../../src/main/core/bundle/read/open-media.ts';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { processStart } from '../../../src/main/core/processes/identity.ts';
import { allowedSigner } from '../../../src/main/core/signing/ssh-signature.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { missing } from '../../needs.ts';
import { runHere } from '../../run-here.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { gguf, writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { walk } from '../../scenes/packed-media.ts';

const kibibyte = 1024;
let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
  await writeTree(scene.folder, { 'tiny.gguf': gguf(100 * kibibyte), 'NOTES.txt': 'a note' });
});
afterEach(() => scene.close());

const contents = ['{kind: model, name: tiny, path: tiny.gguf}', '{kind: files, name: notes, paths: [NOTES.txt]}'];
const pack = (options: Parameters<PackScene['pack']>[2] = {}) =>
  scene.pack(contents, ['m1', 'm2'], {
    partBytes: 64 * kibibyte,
    // Needs both media: what a scanner prints takes room too.
    mediumBytes: (options.scan === undefined ? 400 : 520) * kibibyte,
    ...options,
  });
const inspected = async () => {
  const own = { ownKeyIds: [scene.signer.keyId] };
  const open = await openMedia([scene.at('m1'), scene.at('m2')], scene.at('trust.json'), own);
  return inspectBundle(open, new AbortController().signal);
};

/** A scanner of the packer's own: prints what it is given, and ends with a code. */
async function scanner(exitCode: number): Promise<string> {
  const path = scene.at('scanner.sh');
  await writeFile(path, `#!/bin/sh\nls "$2/sealift/layout/blobs/sha256" | wc -l\necho "$1 done"\nexit ${exitCode}\n`);
  await chmod(path, 0o755);
  return `${path} --deep`;
}

describe('the checksums of a medium', () => {
  it('list every file of it but themselves, envelopes too', async () => {
    await pack();
    for (const medium of ['m1', 'm2']) {
      const sums = await readFile(scene.at(medium, 'sealift/SHA256SUMS'), 'utf8');
      const listed = sums
        .split('\n')
        .slice(0, -1)
        .map((row) => row.slice(66));
      const present = (await walk(scene.at(medium))).filter((path) => !path.startsWith('sealift/SHA256SUMS'));
      expect(listed.sort()).toEqual(present.sort());
    }
  });

  it.skipIf(missing('ssh-keygen'))('are checked with sha256sum and ssh-keygen, as START-HERE says', async () => {
    await pack();
    const lines = (await readFile(scene.at('m1', 'START-HERE.txt'), 'utf8')).split('\n');
    const from = lines.findIndex((line) => line.includes('CHECK IT WITHOUT SEALIFT'));
    const commands = lines.slice(from + 3, from + 8).map((line) => line.trim());
    const run = () => {
      const script = ['set -e', ...commands].join('\n').replace('FOLDER', scene.at('m1'));
      return spawnSync('sh', ['-c', script], { env: { ...process.env, HOME: scene.folder }, encoding: 'utf8' });
    };
    expect(lines[from + 1]).toContain('every file that the packer wrote');
    expect(commands[1]).toContain(allowedSigner(scene.signer));
    const good = run();
    expect(good.stderr + good.stdout).toContain('Good "sealift" signature for sealift-packer');
    expect(good.stdout).toContain('START-HERE.html: OK');
    expect(good.status).toBe(0);
    await appendFile(scene.at('m1', 'START-HERE.html'), ' ');
    expect(run().stdout).toContain('START-HERE.html: FAILED');
    await appendFile(scene.at('m1', 'sealift/SHA256SUMS'), '\n');
    expect(run().status).not.toBe(0);
  });

  it('do not count as files that no list names, and are replaced with the bundle', async () => {
    await pack();
    await pack({ overwrite: true });
    expect((await walk(scene.at('m1'))).filter((path) => path.includes('SHA256SUMS'))).toHaveLength(2);
  });
});

describe('a scan for malware', () => {
  it('runs over each medium before it is signed, and its result is signed with the bundle', async () => {
    const scan = await scanner(0);
    await pack({ scan, packedBy: 'Ada, build team' });
    expect(await inspected()).toMatchObject({
      packedBy: 'Ada, build team',
      scan: {
        command: scan,
        output: [expect.stringMatching(/^\d+$/), '--deep done', expect.anything(), '--deep done'],
      },
    });
    for (const page of ['START-HERE.txt', 'START-HERE.html']) {
      const text = await readFile(scene.at('m2', page), 'utf8');
      expect(text).toContain('by Ada, build team');
      expect(text).toContain(`ran ${scan} over each medium before signing`);
      expect(text).toContain('--deep done');
    }
  });

  it('is green only when a trusted key signed what the bundle says about it', async () => {
    await pack({ scan: await scanner(0) });
    const dirs = [scene.at('m1'), scene.at('m2')];
    const trustFile = scene.at('home', 'trust.json');
    const shown = async (store: string, overrideReason?: string) => {
      const input = { dirs, trustFile, store: scene.at(store), workers: builtWorkers, engine: 'none', overrideReason };
      const { findings } = await importBundle({ ...input, now: () => new Date() }, quietWork());
      return findings.find((one) => one.id === 'import.scanned');
    };
    const inspect = async () =>
      (await runHere('--home', scene.at('home'), 'bundle', 'inspect', ...dirs, '--override-untrusted', 'a test'))
        .stdout;
    const stated = await shown('untrusted', 'a test');
    expect(stated?.severity).toBe('amber');
    expect(stated?.title).toContain('no trusted key signed');
    expect(stated?.consequence).not.toContain('signed this');
    expect(await inspect()).toMatch(/▲ .*scanner\.sh --deep.*no trusted key signed/);
    await trustKey(trustFile, { fingerprint: scene.signer.keyId }, { now: new Date() });
    expect(await shown('trusted')).toMatchObject({
      severity: 'green',
      consequence: expect.stringContaining('signed this'),
    });
    expect(await inspect()).toMatch(/● .*scanner\.sh --deep.*exit code 0/);
    for (const text of [(await shown('again'))?.title, stated?.title, await inspect()]) {
      expect(text).toContain('exit code 0');
      expect(text).not.toContain('nothing');
    }
  });

  it('may be in a folder with spaces: double quotes hold a word together', async () => {
    await writeTree(scene.folder, { 'my tools/scan it': '#!/bin/sh\necho "$# $1 | $2 | $(basename "$3")"\n' });
    const path = scene.at('my tools', 'scan it');
    await chmod(path, 0o755);
    const command = `"${path}" --log="two words" ""`;
    await pack({ scan: command });
    expect((await inspected()).scan).toMatchObject({
      command,
      output: ['3 --log=two words |  | m1', expect.anything()],
    });
  });

  it.each([
    ['scanner "--deep', 'double quote that is not closed'],
    ['"" --deep', 'no program'],
  ])('as %j is refused before anything is packed', async (command, why) => {
    await writeFile(scene.at('BUNDLE.yaml'), ['bundle: 1', 'name: test', 'contents:', `  - ${contents[0]}`].join('\n'));
    const args = [
      'bundle',
      'pack',
      scene.at('BUNDLE.yaml'),
      '--accept-licence',
      '--to',
      scene.at('m1'),
      '--scan',
      command,
    ];
    const { exitCode, stderr } = await runHere('--home', scene.at('home'), ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(why);
    expect(await walk(scene.folder)).not.toContain('m1/START-HERE.txt');
  });

  it('may print any characters: what is cut off is no half of one', async () => {
    const path = scene.at('printer.sh');
    await writeFile(path, `#!/bin/sh\necho "${'a'.repeat(499)}😀 and more"\n`);
    await chmod(path, 0o755);
    await pack({ scan: path });
    expect((await inspected()).scan?.output[0]).toMatch(/^a{499}…$/);
  });

  it('that finds something leaves the media unsigned, and what is written is kept', async () => {
    const error = await pack({ scan: await scanner(1) }).catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'pack.infected',
      wire: { details: { lines: [expect.anything(), '--deep done'] } },
    });
    const files = await walk(scene.at('m1'));
    expect(files).toContain('sealift/UNFINISHED');
    expect(files).not.toContain('sealift/media.json');
    const { resumedBytes } = await pack({ scan: await scanner(0) });
    expect(resumedBytes).toBeGreaterThan(100 * kibibyte);
  });

  it.each([
    ['fails', (): Promise<string> => scanner(2), 'exit code 2'],
    ['does not exist', () => Promise.resolve('/nowhere/scanner'), 'ENOENT'],
  ])('that %s is no scan', async (_what, command, reason) => {
    const error = await pack({ scan: await command() }).catch((thrown) => thrown);
    expect(error.code).toBe('pack.scan-failed');
    expect(error.message).toContain(reason);
  });

  it('ends when packing is cancelled, with what it started', async () => {
    const path = scene.at('slow.sh');
    await writeFile(path, `#!/bin/sh\nsleep 600 & echo $! > ${scene.at('child')}\necho started\nwait\n`);
    await chmod(path, 0o755);
    const abort = new AbortController();
    const work = quietWork(abort.signal);
    work.log = (line) => void (line === 'started' && abort.abort(new Error('cancelled')));
    await expect(pack({ scan: path, work })).rejects.toThrow('cancelled');
    const child = Number(await readFile(scene.at('child'), 'utf8'));
    await vi.waitFor(async () => expect(await processStart(child)).toBe(''), 60_000);
  });
});

describe('a list that no one could read', () => {
  it('is not signed', async () => {
    const error = await pack({ packedBy: 'Ada\u0007' }).catch((thrown) => thrown);
    expect(error.code).toBe('pack.unreadable-list');
    expect(error.message).toContain('packedBy');
    expect(await walk(scene.at('m2'))).not.toContain('sealift/bundle.json');
  });
});

describe('where contents come from', () => {
  it('may be a long path: what is cut off is no half of a character', async () => {
    const path = `${'a'.repeat(200)}/${'a'.repeat(200)}/${'a'.repeat(90)}😀`;
    await writeTree(scene.folder, { [path]: 'a note' });
    await scene.pack([`{kind: files, name: notes, paths: [${path}]}`], ['m1']);
    const { head } = await openMedia([scene.at('m1')], scene.at('trust.json'), { ownKeyIds: [scene.signer.keyId] });
    expect(head?.payload.contents[0]?.source).toMatch(/^files: [a/]{492}…$/);
  });

  it('may be a folder whose name cannot be shown as it is', async () => {
    await writeTree(scene.folder, { 'joined \u{1f469}\u200d\u{1f4bb}/notes/a.txt': 'a note' });
    await scene.pack([`{kind: files, name: notes, paths: ["joined \u{1f469}\u200d\u{1f4bb}/notes"]}`], ['m1']);
    const { head } = await openMedia([scene.at('m1')], scene.at('trust.json'), { ownKeyIds: [scene.signer.keyId] });
    expect(head?.payload.contents[0]?.source).toContain('\\u{200d}');
  });

  it('is readable on each medium and in the signed list', async () => {
    await pack();
    const { contents: shown } = await inspected();
    expect(shown.map((one) => one.source)).toEqual([
      expect.stringContaining('tiny.gguf'),
      expect.stringContaining('NOTES.txt'),
    ]);
    const page = await readFile(join(scene.at('m1'), 'START-HERE.html'), 'utf8');
    expect(page).toContain('<h2>Where it comes from</h2>');
    expect(page).toContain('tiny: ');
  });
});
