import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runSealift } from '../run-sealift.ts';
import { gguf } from './make-sources.ts';

/** A bundle on two media, and the fingerprint of its key. */
export interface TwoSticks {
  dirs: [string, string];
  words: string;
  fingerprint: string;
}

/** Packs a model and some notes to two media, `stick-1` and `stick-2` in `folder`. */
export async function packTwoSticks(folder: string): Promise<TwoSticks> {
  const home = ['--home', join(folder, 'packer'), '--json'];
  const made = await runSealift(...home, 'key', 'new', 'packer');
  const { words, fingerprint } = made.json.data as { words: string; fingerprint: string };
  await mkdir(join(folder, 'notes'), { recursive: true });
  await writeFile(join(folder, 'tiny.gguf'), gguf(400_000));
  await writeFile(join(folder, 'notes', 'contacts &lt;b&gt;.txt'), randomBytes(200_000));
  const spec = [
    'bundle: 1',
    'name: two-sticks',
    'contents:',
    '  - {kind: model, name: tiny, path: tiny.gguf, licence: "<script>alert(1)</script>"}',
    '  - {kind: files, name: notes, paths: [notes]}',
  ];
  await writeFile(join(folder, 'BUNDLE.yaml'), spec.join('\n'));
  const dirs: [string, string] = [join(folder, 'stick-1'), join(folder, 'stick-2')];
  for (const dir of dirs) await mkdir(dir);
  const to = dirs.flatMap((dir) => ['--to', dir]);
  const limits = ['--part-size', '256KiB', '--medium-size', '1200KiB'];
  const packed = await runSealift(
    ...home,
    'bundle',
    'pack',
    join(folder, 'BUNDLE.yaml'),
    '--accept-licence',
    ...to,
    ...limits,
  );
  if (packed.exitCode !== 0) throw new Error(packed.stdout + packed.stderr);
  return { dirs, words, fingerprint };
}
