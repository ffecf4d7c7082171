import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { controlUnit } from '../../../src/main/core/site/unit/control-unit.ts';
import { systemctl, withUserBus } from '../../../src/main/core/site/unit/systemctl.ts';
import { unitPlace } from '../../../src/main/core/site/unit/unit-place.ts';

describe.skipIf(process.platform === 'win32')('systemctl', () => {
  let folder: string;
  const never = new AbortController().signal;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-systemctl-'));
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  const program = async (script: string) => {
    await writeFile(join(folder, 'systemctl'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'systemctl'), 0o755);
  };
  const ask = () => systemctl('user', ['show', 'a.service'], never);

  it.each([
    "System has not been booted with systemd as init system (PID 1). Can't operate.",
    'Failed to connect to bus: No medium found',
    'Failed to connect to user scope bus via local transport: No such file or directory',
    'Failed to connect to user scope bus via local transport: $DBUS_SESSION_BUS_ADDRESS and $XDG_RUNTIME_DIR not defined (consider using --machine=<user>@.host --user to connect to bus of other user)',
  ])('knows that there is no systemd: %s', async (said) => {
    await program(`echo '${said.replaceAll("'", "'\\''")}' >&2; exit 1`);
    expect(await ask()).toBeUndefined();
  });

  it('knows that there is no systemd where there is no such program', async () => {
    vi.stubEnv('PATH', folder);
    expect(await ask()).toBeUndefined();
  });

  it.each([
    ['Access denied', 'echo "Access denied" >&2; exit 1'],
    ['Permission denied', 'echo "Failed to connect to bus: Permission denied" >&2; exit 1'],
    ['code 3', 'exit 3'],
  ])('reports every other failure with the command that failed: %s', async (problem, script) => {
    await program(script);
    await expect(ask()).rejects.toMatchObject({
      code: 'unit.refused',
      message: expect.stringContaining(problem),
      wire: { details: { command: 'systemctl --user show a.service' } },
    });
  });

  it('is ended by an abort, wherever it has got to', async () => {
    const listener = createServer().listen(join(folder, 'started'));
    await once(listener, 'listening');
    // Says its process id once it waits.
    const say = `require('net').connect('${join(folder, 'started')}').end(String(process.pid)); setInterval(() => 0, 1e6)`;
    await program(`exec '${process.execPath}' -e "${say}"`);
    const abort = new AbortController();
    const control = controlUnit(unitPlace('plant', 'user'), 'start', abort.signal);
    const [socket] = await once(listener, 'connection');
    const [pid] = await once(socket, 'data');
    listener.close();
    abort.abort(new Error('cancelled'));
    await expect(control).rejects.toThrow('cancelled');
    await vi.waitFor(async () => {
      const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone Z');
      expect(state).toContain(' Z');
    });
  });

  it('finds the bus of a user whose environment does not name it', async () => {
    expect(await withUserBus({ A: '1' }, folder)).toEqual({ A: '1', XDG_RUNTIME_DIR: folder });
    expect(await withUserBus({ XDG_RUNTIME_DIR: '/own' }, folder)).toEqual({ XDG_RUNTIME_DIR: '/own' });
    expect(await withUserBus({ A: '1' }, join(folder, 'missing'))).toEqual({ A: '1' });
  });
});
