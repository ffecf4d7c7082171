import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { appError } from '../../src/shared/errors/app-error.ts';
import type { JobSnapshot } from '../../src/shared/jobs.ts';
import { type ScriptedWindow, scriptedWindows } from '../fakes/scripted-window.ts';
import { hasChromium, lookAt } from '../fakes/window-stage.ts';
import { missing } from '../needs.ts';
import { containerSite } from '../unit/containers/scene.ts';
import { goodMachine, gpu } from '../unit/hardware/machines.ts';

describe.skipIf(missing('chromium', hasChromium))('the window says', () => {
  const stage = scriptedWindows();
  let window: ScriptedWindow;
  let page: Page;
  beforeEach(() => {
    window = stage.window;
    page = window.page;
  });

  it('what makes the answers of a probe doubtful', async () => {
    const subject = await window.describeSite(containerSite());
    window.showJobs(endedJob('probe.run', { subject, result: doubtfulProbe }));
    await window.open('probe');
    await page.getByText('The site file was changed after it was deployed').waitFor();
    await page.getByText('▲ The one hop answered, but see first what makes the answers doubtful.').waitFor();
    await lookAt(page, 'truth-probe-doubts');
    expect(window.complaints).toEqual([]);
  });

  it('commands as they must be typed, with the data folder and the site', async () => {
    const subject = await window.describeSite(containerSite());
    const command = `sealift --home ${join(window.folder, 'home')}`;
    const error = appError('engine.container-unhealthy', { name: 'g', seconds: 9, lastLines: [] }).wire;
    window.showJobs(
      endedJob('probe.run', { subject, result: doubtfulProbe }),
      endedJob('site.deploy', { subject, state: 'failed', error }),
      endedJob('site.start', { subject: 'plant', state: 'failed', error }),
    );
    await window.open('probe');
    await page.getByRole('button', { name: `Copy: ${command} deploy ${subject}` }).waitFor();
    await window.goTo('deploy');
    await page.getByText(`(${command} status ${subject})`).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('dialog').getByText('site.start').click();
    await page.getByRole('dialog').getByText(`(${command} status --site plant)`).waitFor();
    await lookAt(page, 'truth-whole-commands');
    expect(window.complaints).toEqual([]);
  });

  it('that the model of the store may be another than the one that was chosen', async () => {
    const { wizard } = window.core.handlers;
    const { watch } = wizard;
    wizard.watch = async function* (input, context) {
      for await (const state of watch(input, context)) yield { ...state, store: { models: [tinyModel], images: [] } };
    };
    const change = { clear: [], addMediaDirs: [], removeMediaDirs: [] };
    const context = { signal: new AbortController().signal, mayWrite: true, owner: '' };
    await wizard.answer({ ...change, set: { modelId: 'llama-3.3-70b' } }, context);
    await window.open('deploy');
    const note = page.getByText('On the Model screen llama-3.3-70b was chosen, and this is tiny.');
    await note.scrollIntoViewIfNeeded();
    await lookAt(page, 'truth-other-model');
    await page.getByRole('combobox', { name: 'Model in the store' }).fill('llama-3.3-70b');
    await note.waitFor({ state: 'hidden' });
    expect(window.complaints).toEqual([]);
  });

  it('how GPUs are linked, what a GitLab told, and whether the report was signed', async () => {
    const links = [
      { from: 0, to: 1, link: 'NV18' },
      { from: 0, to: 2, link: 'SYS' },
      { from: 1, to: 2, link: 'SYS' },
    ];
    const machine = goodMachine({ gpus: [gpu(), gpu(), gpu()], gpuLinks: links });
    const written = { report: '/srv/r.html', unsigned: 'there is no key; make one: sealift status' };
    const readiness = { kind: 'sealift.readiness', version: 1, createdAt: at, toolVersion: '1', machine, findings: [] };
    const asked: unknown[] = [];
    window.core.handlers.hardware.check = async (input) => {
      asked.push(input);
      return { jobId: 'none' };
    };
    window.showJobs(endedJob('hardware.check', { result: { ...readiness, gitlab: gitlabFacts, ...written } }));
    await window.open('readiness');
    const [linked, gitlab] = ['GPU links', 'GitLab'].map((title) =>
      page.locator('.sl-card').filter({ hasText: title }),
    );
    await linked?.getByText('18 NVLinks: 0–1').waitFor();
    await linked?.getByText('PCIe and the link between processors: 0–2, 1–2').waitFor();
    await gitlab?.getByText('CN=gitlab.example; issued by CN=Middle').waitFor();
    await gitlab?.getByText('no: self-signed certificate in certificate chain').waitFor();
    await gitlab?.scrollIntoViewIfNeeded();
    await lookAt(page, 'truth-readiness-facts');
    await page.getByText('Look at a GitLab too').click();
    await page.getByLabel('Address of GitLab').fill('https://gitlab.example');
    await page.getByRole('textbox', { name: 'Certificates to trust for it' }).fill('/srv/ca.pem');
    await page.getByRole('textbox', { name: 'File with a token' }).fill('/srv/token');
    await lookAt(page, 'truth-readiness');
    await page.getByRole('button', { name: 'Check again with this GitLab' }).click();
    const named = { url: 'https://gitlab.example', caFile: '/srv/ca.pem', tokenFile: '/srv/token' };
    await expect.poll(() => asked).toEqual([{ gitlab: named }]);
    await page.getByRole('button', { name: 'Export report …' }).click();
    await page.getByText(/^▲ Not signed: .*sealift --home .* status$/).waitFor();
    await page.getByLabel(/^File on this machine/).fill('/srv/r.html');
    await page.getByRole('button', { name: 'Check again and write the file' }).click();
    await expect.poll(() => asked[1]).toEqual({ gitlab: named, reportPath: '/srv/r.html' });
    await lookAt(page, 'truth-not-signed');
    expect(window.complaints).toEqual([]);
  });

  it('what happened to a site nowhere but with that site', async () => {
    const subject = await window.describeSite(containerSite());
    window.core.handlers.site.watch = async function* () {
      yield { sites: ['lab', 'plant'].map(runningSite), parts: [], findings: [] };
      await new Promise(() => undefined);
    };
    window.core.handlers.site.plan = async () => ({ site: 'lab', simulated: false, steps: [], findings: [] });
    const failed = { state: 'failed' as const, error: appError('space.ran-out', { path: '/of-plant' }).wire };
    window.showJobs(
      endedJob('site.start', { subject: 'plant', ...failed }),
      endedJob('site.deploy', { subject: '/other.yaml', ...failed }),
      endedJob('gitlab.check', { subject: '/other.yaml', result: readBack('plant') }),
      endedJob('gitlab.apply', { subject, startedAt: '2026-04-01T10:00:00.000Z', result: readBack('lab') }),
    );
    await window.open();
    const panels = page.locator('main .sl-panel');
    await panels
      .filter({ hasText: 'plant' })
      .getByText(/of-plant became full/)
      .waitFor();
    expect(await page.getByText(/of-plant became full/).count()).toBe(1);
    await lookAt(page, 'truth-home-two-sites');
    await window.goTo('gitlab');
    await page.getByText('https://gitlab.lab.example').waitFor();
    expect(await page.getByText('https://gitlab.plant.example').count()).toBe(0);
    await window.goTo('deploy');
    await page.getByRole('button', { name: 'Check and verify what is there' }).waitFor();
    expect(await page.getByText(/of-plant became full/).count()).toBe(0);
    expect(window.complaints).toEqual([]);
  });

  it('how the newest work on a site failed, why one was refused, and no failure of before', async () => {
    window.core.handlers.site.watch = async function* () {
      yield { sites: ['lab', 'plant'].map(runningSite), parts: [], findings: [] };
      await new Promise(() => undefined);
    };
    const failed = (path: string) => ({ state: 'failed' as const, error: appError('space.ran-out', { path }).wire });
    const earlier = { startedAt: '2026-04-01T10:00:00.000Z' };
    window.showJobs(
      endedJob('site.start', { subject: 'plant', ...earlier, ...failed('/of-before') }),
      endedJob('site.stop', { subject: 'plant' }),
      endedJob('site.uninstall', { subject: 'lab', ...failed('/of-lab') }),
    );
    await window.open();
    await page
      .locator('main .sl-panel')
      .filter({ hasText: 'lab runs' })
      .getByText(/of-lab became full/)
      .waitFor();
    expect(await page.getByText(/of-before became full/).count()).toBe(0);
    const remove = page.getByRole('button', { name: 'Remove the site …' }).last();
    window.core.handlers.site.removal = () => {
      throw appError('space.ran-out', { path: '/asked' });
    };
    await remove.click();
    await page.getByText(/asked became full/).waitFor();
    window.core.handlers.site.removal = async ({ site }) => ({ site, removes: ['/a'], keeps: [] });
    window.core.handlers.site.uninstall = () => {
      throw appError('space.ran-out', { path: '/refused' });
    };
    await remove.click();
    await page.getByLabel('Type plant to confirm').fill('plant');
    await page.getByRole('button', { name: 'Remove 1 thing' }).click();
    await page.getByText(/refused became full/).waitFor();
    expect(await page.getByText(/asked became full/).count()).toBe(0);
    await lookAt(page, 'truth-home-refused');
  });

  it('the probe of the very site that was asked for', async () => {
    await window.describeSite(containerSite());
    const plant = join(window.folder, 'plant.yaml');
    await writeFile(plant, stringify({ ...containerSite(), name: 'plant' }));
    window.core.handlers.site.watch = async function* () {
      yield { sites: [{ ...runningSite('plant'), siteFile: plant }], parts: [], findings: [] };
      await new Promise(() => undefined);
    };
    await window.open();
    await page.getByText('site: lab').waitFor();
    await page.getByRole('button', { name: 'Probe it' }).click();
    await page.getByRole('heading', { name: 'Probe', level: 1 }).waitFor();
    await page.getByText('site: plant').waitFor();
  });
});

const at = '2026-05-01T10:00:00.000Z';

const tinyModel = { name: 'tiny', sizeBytes: 1_000_000, isGguf: true, bundleName: 'b' };

const certificate = (subject: string, issuer: string) => ({ subject, issuer, validFrom: at, validTo: at });

const gitlabFacts = {
  url: 'https://gitlab.example',
  isReachable: true,
  why: null,
  tls: {
    chain: [
      certificate('CN=gitlab.example', 'CN=Middle'),
      certificate('CN=Middle', 'CN=Top'),
      certificate('CN=Top', 'CN=Top'),
    ],
    trustedBy: null,
    why: 'self-signed certificate in certificate chain',
  },
  clockAheadSeconds: 2,
  version: null,
};

const doubtfulProbe = {
  site: 'lab',
  simulated: false,
  hops: [
    {
      hop: 'model',
      title: 'Model server',
      ok: true,
      skipped: false,
      status: 200,
      latencyMs: 12,
      correlationId: null,
      simulated: false,
    },
  ],
  causes: [],
  notChecked: [],
  findings: [
    {
      id: 'site.file-changed',
      severity: 'amber',
      title: 'The site file was changed after it was deployed',
      remedies: [{ kind: 'call', label: 'Deploy it again', command: 'sealift deploy SITE.yaml' }],
    },
  ],
  at,
};

function runningSite(name: string) {
  return { name, simulated: false, service: 'running' as const, afterReboot: 'starts' as const };
}

function readBack(site: string) {
  const setting = { setting: 'AI Gateway URL', before: null, after: 'x', wanted: 'x', state: 'set' };
  const gitlab = { gitlabUrl: `https://gitlab.${site}.example`, gitlabVersion: '18.9.0', era: '18.9' };
  return { site, ...gitlab, simulated: false, applied: [setting], notes: [], at };
}

function endedJob(kind: string, more: Partial<JobSnapshot>): JobSnapshot {
  return {
    id: `${kind} ${more.subject}`,
    kind,
    title: kind,
    state: 'succeeded',
    steps: [],
    logTail: [],
    seq: 1,
    startedAt: at,
    updatedAt: at,
    stepStartedAt: at,
    endedAt: at,
    ...more,
  };
}
