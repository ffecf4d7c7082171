import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importBundle } from '../../../src/main/core/import/import-bundle.ts';
import { previewImport } from '../../../src/main/core/import/preview-import.ts';
import { trustKey } from '../../../src/main/core/signing/trust.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { atTerminal } from '../../at-terminal.ts';
import { runHere } from '../../run-here.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { type FakeContent, newSigner, someBytes, writeMedia } from '../../scenes/write-media.ts';

const signer = newSigner();
let home = '';

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sealift-older-'));
  await trustKey(join(home, 'trust.json'), { fingerprint: signer.keyId }, { now: new Date() });
});
afterEach(() => rm(home, { recursive: true, force: true }));

interface Told {
  name: string;
  created: string;
  model: string;
  text: string;
}

/** Writes a bundle with one model whose file holds random bytes for this text. */
function write({ name, created, model, text }: Told): string[] {
  const contents: FakeContent[] = [
    { kind: 'model', name: model, files: { 'model.gguf': someBytes(150_000, text) } },
    { kind: 'files', name: `notes-of-${name}`, files: { 'notes.txt': someBytes(150_000, name) } },
  ];
  const lies = {
    medium: (payload: object) => ({ ...payload, created }),
    head: (payload: object) => ({ ...payload, name, created }),
  };
  const folder = join(home, `${name} ${created} ${model} ${text}`.replace(/[^\w]+/g, '-'));
  return writeMedia(folder, { signer, contents, media: 2, lies }).dirs;
}

const request = (dirs: string[]) => ({
  dirs,
  store: join(home, 'store'),
  trustFile: join(home, 'trust.json'),
  engine: 'none',
});
const run = (dirs: string[], allowOlder?: boolean) =>
  importBundle({ ...request(dirs), allowOlder, workers: builtWorkers, now: () => new Date() }, quietWork());

const [march, may] = ['2026-03-01T08:00:00.000Z', '2026-05-01T08:00:00.000Z'];
const newest = { name: 'duo', created: may, model: 'tiny', text: 'new' };

describe('an import after that of a newer bundle', () => {
  it.each<[string, Partial<Told>, boolean]>([
    ['of the same name', { created: march, model: 'other' }, true],
    ['with other content for a name', { name: 'extra', created: march, text: 'old' }, true],
    ['with the same content', { name: 'extra', created: march }, false],
    ['with content of its own', { name: 'extra', created: march, model: 'other' }, false],
    ['of the same name, packed later', { created: '2026-05-01T08:00:00.001Z' }, false],
  ])('%s', async (_what, differs, isOlder) => {
    await run(write(newest));
    const result = run(write({ ...newest, ...differs }));
    if (isOlder) await expect(result).rejects.toMatchObject({ code: 'import.older', exitCode: 3 });
    else expect(await result).toMatchObject({ isComplete: true });
  });

  it('is refused from the first medium that holds older content, before anything is copied', async () => {
    await run(write(newest));
    const [first = ''] = write({ ...newest, created: march, text: 'old' });
    await expect(run([first])).rejects.toMatchObject({ code: 'import.older' });
    expect(await readFile(join(home, 'store/models/tiny/model.gguf'))).toEqual(someBytes(150_000, 'new'));
  });

  it('is shown by the preview, allowed on request, and recorded', async () => {
    await run(write(newest));
    const dirs = write({ ...newest, created: march, text: 'old' });
    const { signal } = new AbortController();
    const [refused] = (await previewImport(request(dirs), signal)).findings;
    expect(refused).toMatchObject({
      id: 'import.older',
      severity: 'red',
      title: 'Bundle duo is older, of 2026-03-01 08:00 UTC: duo of 2026-05-01 08:00 UTC was imported before.',
    });
    const allowed = (await previewImport({ ...request(dirs), allowOlder: true }, signal)).findings;
    expect(allowed.map((one) => one.id)).toEqual(['import.older-allowed', 'import.replaces']);
    expect((await run(dirs, true)).findings).toContainEqual(expect.objectContaining({ id: 'import.older-allowed' }));
    // It is the newest import now: to repeat it needs no permission.
    expect(await run(dirs)).toMatchObject({ isComplete: true });
  });
});

describe('sealift import', () => {
  it('names the option that allows an older bundle', async () => {
    await run(write(newest));
    const old = write({ ...newest, created: march, text: 'old' });
    const args = ['--home', home, 'import', ...old, '--engine', 'none', '--json'];
    const refused = await runHere(...args);
    expect(refused).toMatchObject({ exitCode: 3, json: { error: { code: 'import.older' } } });
    expect(refused.stdout).toContain('--allow-older');
    expect(await runHere(...args, '--allow-older')).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(home, 'store/models/tiny/model.gguf'))).toEqual(someBytes(150_000, 'old'));
  });

  it.each([
    ['y', 0],
    ['n', 3],
    ['', 3],
  ])('asks at a terminal; the answer "%s" ends with %i', async (answer, exitCode) => {
    await run(write(newest));
    const old = write({ ...newest, created: march, text: 'old' });
    const said = await atTerminal(['--home', home, 'import', ...old, '--engine', 'none'], [['anyway? [y/N]', answer]]);
    expect(said).toMatchObject({ exitCode });
    expect(said.text).toContain('is older, of 2026-03-01 08:00 UTC');
  });
});
