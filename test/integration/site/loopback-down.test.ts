import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { missing } from '../../needs.ts';
import { builtWorkers } from '../../run-sealift.ts';

const cannotIsolate = missing('root and unshare', () => process.platform === 'linux' && process.getuid?.() === 0);

it.skipIf(cannotIsolate)(
  'names a loopback interface that is down, before anything is deployed',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sealift-loopback-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const command = [process.execPath, `${builtWorkers}/cli.js`, '--home', join(folder, 'home'), '--json'];
    const line = ['--net', ...command, 'rehearse', '--no-docker', '--dir', join(folder, 'rehearsal')];
    const { stdout, code } = await promisify(execFile)('unshare', line).catch((error) => error);
    expect(code).toBe(3);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'network.loopback-down',
      remedies: [{ steps: expect.arrayContaining([expect.stringContaining('ip link set lo up')]) }],
    });
  },
  60_000,
);
