import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMore, readTail } from '../../../src/main/core/files/log-lines.ts';
import { loadHardening } from '../../../src/main/core/site/containers/hardening.ts';
import { logFolderOf } from '../../../src/main/core/site/containers/log-folder.ts';
import { logFolderAction } from '../../../src/main/core/site/deploy/log-folder-action.ts';
import { type StepContext, step } from '../../../src/main/core/site/deploy/step.ts';
import { missing } from '../../needs.ts';
import { image } from '../../scenes/container-site.ts';

const rows = await loadHardening('resources');
const context = {} as StepContext;
let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'sealift-agw-'));
});
afterEach(() => rm(base, { recursive: true }));
const stepFor = (path: string, uid: number) => {
  const made = step('folder.gateway-log', 'Folder', path, { kind: 'log-folder', folder: { path, uid } });
  if (made.kind !== 'log-folder') throw new Error('a step is of the kind of its target');
  return made;
};

describe("the folder of the gateway's log", () => {
  it.each([
    [undefined, 0],
    ['root', 0],
    ['1234:5', 1234],
    ['aigateway', 1000],
  ])('belongs to the user of an image that runs as %s', (user, uid) => {
    const of = { ...image(), ...(user !== undefined && { user }) };
    expect(logFolderOf('/srv/agw', of, { info: {} }, rows)).toEqual({ path: '/srv/agw', uid });
  });

  it.each([{ Rootless: true }, { SecurityOptions: ['name=rootless'] }, { SecurityOptions: ['name=userns'] }])(
    'is refused by name for an engine with %o',
    (info) => {
      const refused = () => logFolderOf('/srv/agw', image(), { info }, rows);
      expect(refused).toThrow(expect.objectContaining({ code: 'site.log-folder' }));
    },
  );

  it.skipIf(missing('root', () => process.getuid?.() === 0))('is made for that user, and then kept', async () => {
    const path = join(base, 'srv', 'gitlab-agw');
    const wanted = stepFor(path, 4711);
    expect(await logFolderAction.check(wanted, context)).toBe('will-be-made');
    await logFolderAction.apply(wanted, context);
    const { uid, mode } = await stat(path);
    expect([uid, mode & 0o777]).toEqual([4711, 0o750]);
    expect(await logFolderAction.verify(wanted, context)).toBeUndefined();
    expect(await logFolderAction.check(wanted, context)).toBe('exists');
  });

  it('is never changed when it exists: the refusal has the command to run', async () => {
    const path = join(base, 'own');
    await mkdir(path);
    await chmod(path, 0o700);
    const other = (process.getuid?.() ?? 0) + 1;
    const refused = logFolderAction.check(stepFor(path, other), context);
    await expect(refused).rejects.toMatchObject({ code: 'site.log-folder' });
    await expect(refused).rejects.toHaveProperty(
      'wire.remedies.0.steps.0',
      expect.stringContaining(`sudo install -d -o ${other} -g ${process.getgid?.()} -m 0750`),
    );
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await chmod(path, 0o777);
    expect(await logFolderAction.check(stepFor(path, other), context)).toBe('exists');
  });
});

describe('a log that a container writes', () => {
  it('is read to its end, and from its start after a rotation', async () => {
    const path = join(base, 'gateway.log');
    await writeFile(path, 'one\ntwo\nhalf');
    const first = await readTail(path, 1, true);
    expect(first).toEqual({ lines: ['two'], offset: 8 });
    await writeFile(path, 'new\n');
    expect(await readMore(path, first.offset)).toEqual({ lines: ['new'], offset: 4 });
  });

  it('is not followed to another file, and a missing one is empty', async () => {
    await writeFile(join(base, 'secret'), 'marker\n');
    await symlink(join(base, 'secret'), join(base, 'gateway.log'));
    await expect(readTail(join(base, 'gateway.log'), 10, false)).rejects.toMatchObject({ code: 'ELOOP' });
    expect(await readTail(join(base, 'gone.log'), 10, false)).toEqual({ lines: [], offset: 0 });
  });
});
