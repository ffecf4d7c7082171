import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCore } from '../../../src/main/core/create-core.ts';
import { connectEngine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { siteFilter } from '../../../src/main/core/engine/labels.ts';
import { ensureVolume } from '../../../src/main/core/engine/networks-and-volumes.ts';
import { clearRehearsal } from '../../../src/main/core/rehearse/clear-rehearsal.ts';
import { chooseRehearsalEngine, engineMarks } from '../../../src/main/core/rehearse/rehearsal-engine.ts';
import { type RehearsalFolder, rehearsalFolder } from '../../../src/main/core/rehearse/rehearsal-folder.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { missing } from '../../needs.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { testPorts } from '../../scenes/site-scene.ts';

const away = 'unix:///nowhere/docker.sock';

describe.skipIf(missing('a running dockerd', dockerIsThere))('engines that rehearsals of one folder used', () => {
  let folder: RehearsalFolder;
  beforeEach(async () => {
    folder = rehearsalFolder(await mkdtemp(join(tmpdir(), 'sealift-rehearse-engines-')));
  });
  afterEach(() => rm(folder.root, { recursive: true }));

  it('are remembered until cleared, even one that was down when the next rehearsal used another', async () => {
    const marks = engineMarks(folder.root, 'a'.repeat(32));
    const warnings: string[] = [];
    const work = { ...quietWork(), warn: (text: string) => void warnings.push(text) };
    const stage = { folder, marks, ports: testPorts(folder.home), makeCore: createCore, work };
    // A rehearsal was killed there.
    await writeFile(folder.engineMark, away);
    await clearRehearsal(stage);
    expect(warnings).toHaveLength(1);
    expect(await chooseRehearsalEngine(true, folder, marks, process.execPath)).toMatchObject({ isUsed: true });
    expect(await readFile(folder.engineMark, 'utf8')).toContain(away);
    const engine = await connectEngine(engineAddress(undefined));
    await ensureVolume(engine, marks, `sealift-${marks.site}-left`);
    await clearRehearsal(stage);
    const filters = JSON.stringify(siteFilter(marks));
    expect((await engine.docker.listVolumes({ filters })).Volumes ?? []).toEqual([]);
    expect(warnings).toHaveLength(2);
    expect((await readFile(folder.engineMark, 'utf8')).trim()).toBe(away);
    await writeFile(folder.engineMark, `${engine.address}\n`);
    await clearRehearsal(stage);
    await expect(stat(folder.engineMark)).rejects.toThrow('ENOENT');
  });

  it('show nothing of a rehearsal with the same path in another data folder', async () => {
    const [mine, other] = ['a', 'b'].map((one) => engineMarks(folder.root, one.repeat(32)));
    expect(mine?.site).not.toBe(other?.site);
    expect(mine?.reference).not.toBe(other?.reference);
    expect(mine?.labels).not.toEqual(other?.labels);
  });
});
