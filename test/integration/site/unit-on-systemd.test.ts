import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { missing } from '../../needs.ts';
import { BootedSystem, canBoot } from '../../scenes/booted-system.ts';
import { SiteScene } from '../../scenes/site-scene.ts';

vi.setConfig({ testTimeout: 900_000 });
const waitMs = 300_000;

/** A site on a booted system, asked through the command line there. */
class SiteOnSystemd {
  readonly #system: BootedSystem;
  readonly #as: string[];
  readonly #home: string[];

  /** `as` is a command that runs another one as the user whose site is in `folder`. */
  constructor(system: BootedSystem, folder: string, as: string[] = []) {
    this.#system = system;
    this.#as = as;
    this.#home = ['--home', `${folder}/home`, '--json'];
  }

  run(...args: string[]) {
    const line = [...this.#as, process.execPath, resolve('out/main/cli.js'), ...this.#home, ...args];
    const { code, stdout, stderr } = this.#system.run(...line);
    const json = stdout.startsWith('{') ? JSON.parse(stdout) : {};
    return { code, json, text: `${stdout}${stderr}` };
  }

  status() {
    const { code, json } = this.run('status');
    const [site] = json.data?.sites ?? [];
    const parts: { name: string; state: string; pid?: number; restarts: number }[] = json.data?.parts ?? [];
    return { code, site, parts };
  }

  async until(passes: (now: ReturnType<SiteOnSystemd['status']>) => boolean) {
    for (const end = Date.now() + waitMs; ; await sleep(200)) {
      const now = this.status();
      if (passes(now)) return now;
      if (Date.now() > end) throw new Error(`never came to pass: ${JSON.stringify(now)}`);
    }
  }

  /** Waits until the site is whole again. Returns its service's process number. */
  async whole(otherThan?: number): Promise<number> {
    const { site } = await this.until(
      ({ code, site: now, parts }) =>
        code === 0 && now?.pid !== otherThan && parts.length > 0 && parts.every((part) => part.state === 'running'),
    );
    const asked = this.run('ask', 'Hello?', '--max-tokens', '3');
    expect(asked, asked.text).toMatchObject({ code: 0, json: { ok: true } });
    return site.pid;
  }

  kill(pid: number | undefined): void {
    expect(pid).toBeGreaterThan(1);
    expect(this.#system.run('kill', '-KILL', String(pid)).code).toBe(0);
  }
}

describe.skipIf(missing('what it takes to boot a copy of this system', canBoot, { mayBeRefused: true }))(
  'the unit of a site under systemd',
  () => {
    it('brings back the parts, the service, and after a reboot the whole site', async () => {
      const scene = await SiteScene.open();
      await scene.writeSite();
      const system = await BootedSystem.boot(scene.folder);
      onTestFinished(() => system.close());
      const site = new SiteOnSystemd(system, '/srv/scene');
      const deployed = site.run('deploy', '/srv/scene/site.yaml', '--units');
      expect(deployed, deployed.text).toMatchObject({ code: 0, json: { data: { unit: { scope: 'system' } } } });
      const service = await site.whole();

      const { parts } = site.status();
      expect(parts.length).toBe(4);
      for (const { pid } of parts) site.kill(pid);
      const isNew = (name: string, pid: number | undefined) =>
        parts.every((one) => one.name !== name || one.pid !== pid);
      await site.until((now) => now.parts.every(({ name, pid }) => pid !== undefined && isNew(name, pid)));
      expect(await site.whole()).toBe(service);

      system.hurry('sealift-plant.service');
      site.kill(service);
      expect(await site.whole(service)).not.toBe(service);

      await system.reboot();
      await site.whole();
      expect(site.run('stop').json).toMatchObject({ ok: true });
      expect(system.run('systemctl', 'is-active', 'sealift-plant.service').stdout.trim()).toBe('inactive');
      const removal = site.run('uninstall', '--yes');
      expect(removal, removal.text).toMatchObject({ code: 0 });
      expect(system.run('systemctl', 'status', 'sealift-plant.service').code).toBe(4);
    });

    it('of a user without root runs locked in, and is back after a reboot', async () => {
      const scene = await SiteScene.open();
      await scene.writeSite();
      const system = await BootedSystem.boot(scene.folder);
      onTestFinished(() => system.close());
      const uid = 4242;
      const made = system.run(
        'sh',
        '-c',
        `set -e
echo 'op:x:${uid}:${uid}::/home/op:/bin/sh' >>/etc/passwd
echo 'op:x:${uid}:' >>/etc/group
echo 'op:*:19000:0:99999:7:::' >>/etc/shadow
mkdir /home/op
cp -a /srv/scene /home/op/scene
chown -R ${uid}:${uid} /home/op
loginctl enable-linger op
systemctl start user@${uid}.service`,
      );
      expect(made, made.stderr).toMatchObject({ code: 0 });
      const as = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', 'env', 'HOME=/home/op'];
      const site = new SiteOnSystemd(system, '/home/op/scene', as);
      const deployed = site.run('deploy', '/home/op/scene/site.yaml', '--units');
      expect(deployed, deployed.text).toMatchObject({
        code: 0,
        json: { data: { unit: { scope: 'user', findings: [] } } },
      });
      const service = await site.whole();
      const { parts } = site.status();
      expect(parts.length).toBe(4);
      for (const pid of [service, ...parts.map((one) => one.pid)]) {
        const { stdout } = system.run('cat', `/proc/${pid}/status`);
        for (const line of [/^Seccomp:\s+2$/m, /^NoNewPrivs:\s+1$/m, new RegExp(`^Uid:\\s+${uid}\\b`, 'm')])
          expect(stdout).toMatch(line);
      }

      await system.reboot();
      await site.whole();
      const removal = site.run('uninstall', '--yes');
      expect(removal, removal.text).toMatchObject({ code: 0 });
      expect(system.run('find', '/home/op/.config/systemd/user', '-name', 'sealift-*').stdout).toBe('');
    });
  },
);
