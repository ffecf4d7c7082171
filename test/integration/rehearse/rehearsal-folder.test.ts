import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rehearsalFolder } from '../../../src/main/core/rehearse/rehearsal-folder.ts';
import { runRehearsal } from '../../../src/main/core/rehearse/run-rehearsal.ts';
import { takeLock } from '../../../src/main/core/settings/lock.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { testPorts } from '../../scenes/site-scene.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sealift-rehearsal-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it.each([false, true])(
  'leaves alone a folder in which a rehearsal of any data folder runs, replace: %s',
  async (replace) => {
    const folder = rehearsalFolder(root);
    await writeFile(folder.mark, 'Kept by the one that runs.\n');
    await mkdir(dirname(folder.bundleFile), { recursive: true });
    await writeFile(folder.bundleFile, 'in use');
    const lock = await takeLock(folder.lock, 'sealift rehearse', new Date());
    const noCore = () => Promise.reject(new Error('no core may be opened'));
    const second = runRehearsal(
      { root, keep: false, replace, docker: false },
      testPorts(join(root, 'home')),
      noCore,
      quietWork(),
    );
    await expect(second).rejects.toMatchObject({
      message: expect.stringContaining(`A rehearsal is running in ${root} (sealift rehearse, process ${process.pid}`),
      wire: {
        code: 'rehearse.running',
        exitCode: 3,
        remedies: [
          { kind: 'steps', steps: ['Wait until it has ended, then rehearse again.'] },
          { kind: 'call', command: 'sealift rehearse --dir DIR' },
        ],
      },
    });
    expect(await readFile(folder.bundleFile, 'utf8')).toBe('in use');
    expect(await readFile(folder.mark, 'utf8')).toBe('Kept by the one that runs.\n');
    await lock.release();
  },
);
