import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectEngine, type Engine, engineAddress } from '../../../../src/main/core/engine/connect-engine.ts';
import { ensureContainer } from '../../../../src/main/core/engine/ensure-container.ts';
import { execInContainer } from '../../../../src/main/core/engine/exec-in-container.ts';
import { ensureNetwork, removeSiteObjects } from '../../../../src/main/core/engine/networks-and-volumes.ts';
import type { PlannedContainer } from '../../../../src/main/core/engine/planned-container.ts';
import { type Hardening, hardened } from '../../../../src/main/core/site/containers/hardening.ts';
import { missing } from '../../../needs.ts';
import { busyboxImage, busyboxIsThere } from '../../../scenes/busybox-image.ts';
import { dockerIsThere } from '../../../scenes/docker-is-there.ts';
import { ownName } from '../../../scenes/own-name.ts';

const site = ownName('hardening');
const mark = { site, owner: 'b'.repeat(32) };
const reference = `${ownName('hardened')}.test/busybox:1`;
const lacks = missing('a running dockerd', dockerIsThere) || missing('a static busybox', busyboxIsThere);
const row: Hardening = {
  part: 'gateway',
  readOnlyRoot: true,
  tmpfs: ['/tmp'],
  pids: 100,
  memoryGiB: 0.125,
  open: [],
  source: 'a test of all that a row can ask for',
};

describe.skipIf(lacks)('a container that is locked in, from inside', () => {
  let engine: Engine;
  let id = '';
  /** Runs a shell command as root in the container. */
  const inside = async (command: string) => {
    const { signal } = new AbortController();
    const ran = await execInContainer(engine, id, ['/bin/busybox', 'sh', '-c', command], signal);
    return { exitCode: ran?.exitCode, output: ran?.output.trim() };
  };

  beforeAll(async () => {
    engine = await connectEngine(engineAddress(undefined));
    const imageId = await busyboxImage(engine, reference, 'exec /bin/busybox httpd -f -p 8080');
    await ensureNetwork(engine, { ...mark, name: `sealift-${site}`, internal: true });
    const planned: PlannedContainer = {
      title: 'Gateway',
      role: 'gateway',
      reference,
      secrets: {},
      health: { url: '' },
      startTimeoutMs: 1,
      spec: {
        site,
        part: 'gateway',
        name: `sealift-${site}-gateway`,
        imageId,
        env: {},
        secretEnv: [],
        networks: [{ name: `sealift-${site}`, aliases: [] }],
        ports: [],
        mounts: [],
        holds: [],
        tmpfs: [],
        extraHosts: [],
        readOnlyRoot: false,
        dropCapabilities: true,
        simulated: true,
      },
    };
    id = (await ensureContainer(engine, hardened(planned, [row], engine).spec, mark.owner)).id;
  });
  afterAll(async () => {
    if (!engine) return;
    await removeSiteObjects(engine, mark, { keepVolumes: false });
    await engine.docker.getImage(reference).remove({ force: true });
  });

  it('is what the engine was asked for', async () => {
    const { HostConfig } = await engine.docker.getContainer(id).inspect();
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 100,
      Memory: 2 ** 27,
      Tmpfs: { '/tmp': 'rw,nosuid,nodev' },
    });
  });

  it.each([
    ['writes to its root', '/bin/busybox touch /owned', 'Read-only file system'],
    ['changes an owner', '/bin/busybox touch /tmp/a && /bin/busybox chown 1:1 /tmp/a', 'not permitted'],
    [
      'runs a setuid program that it wrote',
      '/bin/busybox cp /bin/busybox /tmp/x && /bin/busybox chmod 4755 /tmp/x && /tmp/x id',
      'Permission denied',
    ],
    ['changes its root', '/bin/busybox chroot /tmp /bin/sh', 'not permitted'],
    ['mounts something', '/bin/busybox mount -t tmpfs none /tmp', 'denied|not permitted'],
    ['changes its network', '/bin/busybox ip link set lo down', 'not permitted'],
    ['reads a raw socket', '/bin/busybox ping -c 1 -W 1 127.0.0.1', 'not permitted|denied'],
  ])('fails when it %s', async (_what, command, refusal) => {
    const { exitCode, output } = await inside(`(${command}) || exit 1`);
    expect(output).toMatch(new RegExp(refusal));
    expect(exitCode).not.toBe(0);
  });

  it.each([
    ['writes to its tmpfs', '/bin/busybox touch /tmp/fine && /bin/busybox echo fine', /^fine$/],
    ['has no capability', '/bin/busybox grep Cap /proc/self/status', /CapEff:\s+0+\nCapBnd:\s+0+\n/],
    ['gains none by a setuid file', '/bin/busybox grep NoNewPrivs /proc/self/status', /NoNewPrivs:\s+1$/],
  ])('%s', async (_what, command, expected) => {
    expect((await inside(command)).output).toMatch(expected);
  });
});
