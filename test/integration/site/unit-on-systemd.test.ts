import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { missing } from '../../needs.ts';
import { BootedSystem, canBoot } from '../../scenes/booted-system.ts';
import { SiteScene } from '../../scenes/site-scene.ts';

// systemd waits 30 s before it restarts a service that was killed.
vi.setConfig({ testTimeout: 900_000 });
const waitMs = 300_000;

/** A site on a booted system, asked through the command line there. */
class SiteOnSystemd {
  readonly #system: BootedSystem;
  readonly #home = ['--home', '/srv/scene/home', '--json'];

  constructor(system: BootedSystem) {
    this.#system = system;
  }

  run(...args: string[]) {
    const line = [process.execPath, resolve('out/main/cli.js'), ...this.#home, ...args];
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
      const site = new SiteOnSystemd(system);
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
  },
);
