import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { contract } from '../../src/shared/contract/index.ts';
import { appError } from '../../src/shared/errors/app-error.ts';
import type { JobSnapshot } from '../../src/shared/jobs.ts';
import { missing } from '../needs.ts';
import { containerSite } from '../scenes/container-site.ts';
import { goodMachine, gpu } from '../scenes/machines.ts';
import { type ScriptedWindow, scriptedWindows } from '../scenes/scripted-window.ts';
import { hasChromium, inView, lookAt, tabTo } from '../scenes/window-stage.ts';

describe.skipIf(missing('chromium', hasChromium))('the window shows', () => {
  const stage = scriptedWindows();
  let window: ScriptedWindow;
  let page: Page;
  beforeEach(() => {
    window = stage.window;
    page = window.page;
  });

  it('what puts the result of a probe in doubt', async () => {
    const subject = await window.describeSite(containerSite());
    window.showJobs(endedJob('probe.run', { subject, result: doubtfulProbe }));
    await window.open('probe');
    await page.getByText('The site file was changed after the deployment').waitFor();
    await page.getByText('The only hop answered, but the findings below put the result in doubt.').waitFor();
    await lookAt(page, 'truth-probe-doubts');
    expect(window.complaints).toEqual([]);
  });

  it('the chain before the first probe, and of a watched site only what changed', async () => {
    const subject = await window.describeSite(containerSite());
    const asked: string[] = [];
    const jobs = shownLater(window);
    let result: object = goodProbe;
    window.core.handlers.probe.run = async () => {
      const id = `probe-${asked.length}`;
      asked.push(id);
      jobs.show(
        endedJob('probe.run', { id, subject, result, startedAt: `2026-05-01T10:00:${10 + asked.length}.000Z` }),
      );
      return { jobId: id };
    };
    await page.clock.install();
    await window.open('probe');
    const chain = page.getByRole('list', { name: 'Path of a request from GitLab to the model' });
    await chain.getByText('https://gitlab.example').waitFor();
    await expect.poll(() => chain.getByText('to do').count()).toBe(4);
    await lookAt(page, 'truth-probe-first');
    await page.getByLabel('Watch every').selectOption('10 s');
    await tabTo(page, page.getByRole('button', { name: 'Watch', exact: true }));
    await page.keyboard.press('Enter');
    const verdict = page.getByRole('status').filter({ hasText: 'The only hop' });
    await verdict.getByText('The only hop answered a real request.').waitFor();
    // Text that is written anew would be announced again.
    await verdict.evaluate((element) => element.firstElementChild?.setAttribute('data-seen', ''));
    const next = async () => {
      const before = asked.length;
      await expect
        .poll(async () => {
          if (asked.length === before) await page.clock.fastForward(10_000);
          return asked.length;
        })
        .toBe(before + 1);
      await page.getByText(`Last ${before + 1} probes`).waitFor();
    };
    await next();
    await expect.poll(() => verdict.locator('[data-seen]').count()).toBe(1);
    await expect.poll(() => chain.getByText('done').count()).toBe(2);
    result = doubtfulProbe;
    await next();
    await page.getByRole('status').getByText('put the result in doubt').waitFor();
    await lookAt(page, 'truth-probe-watch');
    await page.getByRole('button', { name: 'Stop watching' }).click();
    await page.getByRole('button', { name: 'Watch', exact: true }).waitFor();
    await page.clock.fastForward(900_000);
    await window.goTo('home');
    await window.goTo('probe');
    expect(asked).toHaveLength(3);
    await page.getByRole('button', { name: 'Watch', exact: true }).click();
    await page.getByText('Last 4 probes').waitFor();
    await window.goTo('home');
    await page.clock.fastForward(900_000);
    await window.goTo('probe');
    await page.getByRole('button', { name: 'Watch', exact: true }).waitFor();
    expect(asked).toHaveLength(4);
    expect(window.complaints).toEqual([]);
  });

  it('commands that only read, complete with the data folder and the site, and buttons for those that write', async () => {
    const subject = await window.describeSite(containerSite());
    const command = `sealift --home ${join(window.folder, 'home')}`;
    const error = appError('engine.container-unhealthy', { name: 'g', seconds: 9, lastLines: [] }).wire;
    window.showJobs(
      endedJob('probe.run', { subject, result: doubtfulProbe }),
      endedJob('site.deploy', { subject, state: 'failed', error }),
      endedJob('site.start', { subject: 'plant', state: 'failed', error }),
    );
    await window.open('probe');
    await page.getByRole('button', { name: 'Deploy it again' }).click();
    await page.getByRole('heading', { level: 1, name: 'Deploy' }).waitFor();
    await page.getByText(`(${command} status ${subject})`).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('dialog').getByText('site.start').click();
    await page.getByRole('dialog').getByText(`(${command} status --site plant)`).waitFor();
    await lookAt(page, 'truth-whole-commands');
    expect(window.complaints).toEqual([]);
  });

  it('that the model in the store may differ from the chosen one', async () => {
    const { wizard } = window.core.handlers;
    const { watch } = wizard;
    wizard.watch = async function* (input, context) {
      for await (const state of watch(input, context)) yield { ...state, store: { models: [tinyModel], images: [] } };
    };
    const context = { signal: new AbortController().signal, mayWrite: true, owner: '' };
    await wizard.answer(contract.wizard.answer.input.parse({ set: { modelId: 'llama-3.3-70b' } }), context);
    await window.open('deploy');
    const note = page.getByText('You chose llama-3.3-70b, but this site uses tiny.');
    await note.scrollIntoViewIfNeeded();
    await lookAt(page, 'truth-other-model');
    await page.getByRole('combobox', { name: 'Model in the store' }).fill('llama-3.3-70b');
    await note.waitFor({ state: 'hidden' });
    expect(window.complaints).toEqual([]);
  });

  it('which GGUF of the model in the store is served, where it has several', async () => {
    const { wizard } = window.core.handlers;
    const { watch } = wizard;
    const models = [{ ...tinyModel, name: 'quants', ggufs: ['q4.gguf', 'sub/q8.gguf'] }, tinyModel];
    wizard.watch = async function* (input, context) {
      for await (const state of watch(input, context)) yield { ...state, store: { models, images: [] } };
    };
    let saved: unknown;
    wizard.saveSite = async ({ content }) => {
      saved = content.model;
      return { problems: [{ field: 'model.serve', problem: 'is no such file' }] };
    };
    await window.open('deploy');
    const serve = page.getByRole('combobox', { name: 'GGUF file to serve' });
    await page.getByText('This model has several GGUF files. A server opens one.').waitFor();
    await tabTo(page, serve);
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: 'sub/q8.gguf' }).waitFor();
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    await expect.poll(() => serve.inputValue()).toBe('sub/q8.gguf');
    await page.keyboard.press('Enter');
    await page.getByRole('listbox').waitFor();
    await lookAt(page, 'truth-serve');
    await page.keyboard.press('Escape');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByRole('button', { name: 'Save site file' }).click();
    await page.getByText('Is no such file.').waitFor();
    await lookAt(page, 'truth-serve-dark');
    expect(saved).toMatchObject({ name: 'quants', serve: 'sub/q8.gguf' });
    await page.getByRole('combobox', { name: 'Model in the store' }).fill('tiny');
    await serve.waitFor({ state: 'detached' });
    expect(window.complaints).toEqual([]);
  });

  it('GPU links, facts about GitLab, and whether the report is signed', async () => {
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
    await gitlab?.getByText('Not trusted: self-signed certificate in certificate chain').waitFor();
    await gitlab?.scrollIntoViewIfNeeded();
    await lookAt(page, 'truth-readiness-facts');
    await page.getByText('GitLab check').click();
    await page.getByLabel('GitLab URL').fill('https://gitlab.example');
    await page.getByRole('textbox', { name: 'CA certificates' }).fill('/srv/ca.pem');
    await page.getByRole('textbox', { name: 'Token file' }).fill('/srv/token');
    await lookAt(page, 'truth-readiness');
    await page.getByRole('button', { name: 'Check this GitLab' }).click();
    const named = { url: 'https://gitlab.example', caFile: '/srv/ca.pem', tokenFile: '/srv/token' };
    await expect.poll(() => asked).toEqual([{ gitlab: named }]);
    await page.getByRole('button', { name: 'Export report…' }).click();
    await page.getByText(/^▲ Not signed: .*sealift --home .* status$/).waitFor();
    await page.getByLabel(/^File on this machine/).fill('/srv/r.html');
    await page.getByRole('button', { name: 'Check again and write file' }).click();
    await expect.poll(() => asked[1]).toEqual({ gitlab: named, reportPath: '/srv/r.html' });
    await lookAt(page, 'truth-not-signed');
    expect(window.complaints).toEqual([]);
  });

  it('the jobs of a site only with that site', async () => {
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
    const panels = page.locator('main .sl-board');
    await panels
      .filter({ hasText: 'plant' })
      .getByText(/of-plant filled up/)
      .waitFor();
    await expect.poll(() => page.getByText(/of-plant filled up/).count()).toBe(1);
    await lookAt(page, 'truth-home-two-sites');
    await window.goTo('gitlab');
    await page.getByText('https://gitlab.lab.example').waitFor();
    expect(await page.getByText('https://gitlab.plant.example').count()).toBe(0);
    await window.goTo('deploy');
    await page.getByRole('button', { name: 'Verify deployment' }).waitFor();
    expect(await page.getByText(/of-plant filled up/).count()).toBe(0);
    expect(window.complaints).toEqual([]);
  });

  it('the failure of the newest job and a refusal, but no older failure', async () => {
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
      .locator('main .sl-board')
      .filter({ hasText: 'Site lab: last action failed' })
      .getByText(/of-lab filled up/)
      .waitFor();
    expect(await page.getByText(/of-before filled up/).count()).toBe(0);
    const remove = page.getByRole('button', { name: 'Remove site…' }).last();
    window.core.handlers.site.removal = () => {
      throw appError('space.ran-out', { path: '/asked' });
    };
    await remove.click();
    await page.getByText(/asked filled up/).waitFor();
    window.core.handlers.site.removal = async ({ site }) => ({ site, removes: ['/a'], keeps: [] });
    const asked: object[] = [];
    window.core.handlers.site.uninstall = (input) => {
      asked.push(input);
      throw appError('space.ran-out', { path: '/refused' });
    };
    await remove.click();
    await page.getByLabel('Keep the imported images in the container engine').click();
    await expect.poll(() => page.getByLabel('Keep the imported images').isChecked()).toBe(true);
    await page.getByLabel('Type plant to confirm').fill('plant');
    await lookAt(page, 'truth-home-removal');
    await page.getByRole('button', { name: 'Remove site (1 item)' }).click();
    await page.getByText(/refused filled up/).waitFor();
    expect(await page.getByText(/asked filled up/).count()).toBe(0);
    expect(asked).toMatchObject([{ site: 'plant', keepWeights: true, keepImages: true }]);
    await lookAt(page, 'truth-home-refused');
  });

  it('the step at work of a deployment, however many came before, and those unfolded', async () => {
    const subject = await window.describeSite(containerSite());
    const later = shownLater(window);
    const steps = (count: number) =>
      Array.from({ length: count }, (_, n) => ({
        ...{ id: `step-${n}`, title: `Step ${n}` },
        state: n === count - 1 ? ('working' as const) : ('done' as const),
      }));
    const running = (count: number) => ({
      ...endedJob('site.deploy', { title: 'Deploying', subject }),
      state: 'running' as const,
      steps: steps(count),
      seq: count,
    });
    const current = page.getByRole('list', { name: 'Deploying' });
    await window.open('deploy');
    later.show(running(1));
    await inView(current.getByText(/Step 0$/));
    later.show(running(26));
    await inView(current.getByText(/Step 25$/));
    await inView(page.getByRole('button', { name: 'Stop job' }));
    await lookAt(page, 'states-deploying');
    expect(await page.getByText(/Step 3$/).isVisible()).toBe(false);
    await page.getByText('23 earlier steps').click();
    await page
      .getByRole('list', { name: '23 earlier steps' })
      .getByText(/Step 3$/)
      .waitFor();
    later.show({ ...running(26), state: 'cancelled', seq: 27 });
    await page.getByText(/^▲ Stopped before it finished/).waitFor();
    expect(window.complaints).toEqual([]);
  }, 60_000);

  it('how to open a rehearsal that was kept, and a button that replaces it', async () => {
    const jobs = shownLater(window);
    const asked: object[] = [];
    window.core.handlers.rehearse.run = async (input) => {
      asked.push(input);
      if (!input.replace) throw appError('rehearse.kept', { path: '/srv/kept', home: '/srv/kept/site' });
      jobs.show(endedJob('rehearse.run', { result: keptRehearsal }));
      return { jobId: 'rehearse.run undefined' };
    };
    await window.open('rehearse');
    await page.getByLabel('Keep the site running, with its media').check();
    await page.getByRole('button', { name: 'Start rehearsal' }).click();
    const replace = page.getByRole('button', { name: 'Stop and remove it, then rehearse again' });
    await replace.waitFor();
    // The screen has no field for another folder.
    expect(await page.getByText('Rehearse in another folder').count()).toBe(0);
    await replace.click();
    await page.getByText("sealift --home '/srv/kept here' serve", { exact: true }).waitFor();
    expect(asked).toMatchObject([
      { keep: true, replace: false },
      { keep: true, replace: true },
    ]);
    await page.getByText(keptWords, { exact: true }).scrollIntoViewIfNeeded();
    await lookAt(page, 'truth-rehearsal-kept');
    await page.getByText('/srv/kept/site.yaml', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Next: Readiness' }).click();
    await page.getByRole('heading', { name: 'Readiness', level: 1 }).waitFor();
    await window.goTo('deploy');
    await page.getByRole('button', { name: 'Enter path of kept rehearsal' }).click();
    const path = page.getByLabel('Path of the site file on this machine', { exact: true });
    await expect.poll(() => path.inputValue()).toBe('/srv/kept/site.yaml');
    await path.scrollIntoViewIfNeeded();
    await lookAt(page, 'truth-deploy-kept');
  });

  it('hidden files and folders of the chooser only when asked', async () => {
    for (const name of ['.cache', 'media']) await mkdir(join(window.folder, 'chosen', name), { recursive: true });
    await window.open('import');
    await page.getByLabel('Folder with media', { exact: true }).fill(join(window.folder, 'chosen'));
    await page.getByRole('button', { name: 'Choose… Folder with media' }).click();
    const names = page.getByRole('list', { name: 'Folder contents' }).getByRole('button');
    await names.first().waitFor();
    const shown = async () => (await names.allTextContents()).map((one) => one.split('/')[0]);
    expect(await shown()).toEqual(['media']);
    await lookAt(page, 'truth-chooser');
    await page.getByLabel('Show hidden files and folders').check();
    await expect.poll(shown).toEqual(['media', '.cache']);
    await page.getByLabel('Show hidden files and folders').uncheck();
    await page.getByLabel('Filter by name').fill('.ca');
    await expect.poll(shown).toEqual(['.cache']);
  });

  it('the chooser at inserted media, and what was chosen at once', async () => {
    const stick = join(window.folder, 'SEALIFT-1');
    await mkdir(join(stick, 'sealift'), { recursive: true });
    window.core.handlers.media.places = async () => ({ media: [stick], recent: [window.folder] });
    await window.open('import');
    await page.getByRole('button', { name: 'Choose… Folder with media' }).click();
    await page.getByRole('list', { name: 'Folder contents' }).getByText('sealift/').waitFor();
    const starts = page.getByRole('group', { name: 'Where to start' }).getByRole('button');
    expect(await starts.allTextContents()).toEqual(['SEALIFT-1', 'Home folder', basename(window.folder)]);
    await lookAt(page, 'truth-chooser-media');
    await page.getByRole('button', { name: 'Use SEALIFT-1' }).click();
    await page.getByText(stick).first().waitFor();
    await expect.poll(() => page.getByLabel('Folder with media', { exact: true }).inputValue()).toBe('');
  });

  it('a button to Deploy on each screen that needs a site', async () => {
    await window.open();
    for (const place of ['gitlab', 'probe', 'report']) {
      await window.goTo(place);
      await page.getByRole('button', { name: 'Go to Deploy' }).waitFor();
      await lookAt(page, `truth-${place}-no-site`);
      await page.getByRole('button', { name: 'Go to Deploy' }).click();
      await page.getByRole('heading', { name: 'Deploy', level: 1 }).waitFor();
    }
  });

  it('the probe of the requested site', async () => {
    await window.describeSite(containerSite());
    const plant = join(window.folder, 'plant.yaml');
    await writeFile(plant, stringify({ ...containerSite(), name: 'plant' }));
    window.core.handlers.site.watch = async function* () {
      yield { sites: [{ ...runningSite('plant'), siteFile: plant }], parts: [], findings: [] };
      await new Promise(() => undefined);
    };
    await window.open();
    await page.getByText('Site: lab').waitFor();
    await page.getByRole('button', { name: 'Probe site' }).click();
    await page.getByRole('heading', { name: 'Probe', level: 1 }).waitFor();
    await page.getByText('Site: plant').waitFor();
  });
});

const at = '2026-05-01T10:00:00.000Z';

const keptWords = Array.from({ length: 16 }, (_, at) => `word-${at}`).join(' ');

const keptRehearsal = {
  report: '/srv/kept/report/report.html',
  dir: '/srv/kept',
  site: 'rehearsal',
  kept: { home: '/srv/kept here', siteFile: '/srv/kept/site.yaml', words: keptWords },
  bundle: { id: 'a', fingerprint: 'b', bytes: 1, blocks: 1 },
  probe: [],
  simulated: ['GitLab'],
  engine: 'llamacpp',
  docker: { isUsed: false, reason: 'made up' },
  durationMs: 1,
};

const tinyModel = { name: 'tiny', sizeBytes: 1_000_000, ggufs: ['tiny.gguf'], bundleName: 'b' };

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
      title: 'The site file was changed after the deployment',
      remedies: [{ kind: 'call', label: 'Deploy it again', command: 'sealift deploy SITE.yaml' }],
    },
  ],
  at,
};

const goodProbe = { ...doubtfulProbe, findings: [] };

/** Sends the page an empty list of jobs, then each job as the test shows it. */
function shownLater(window: ScriptedWindow): { show(job: JobSnapshot): void } {
  const waiting: JobSnapshot[] = [];
  let wake: () => void = () => undefined;
  window.core.handlers.jobs.watchAll = async function* () {
    yield { type: 'listed' };
    while (true) {
      for (const job of waiting.splice(0)) yield { type: 'job', job };
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    show: (job) => {
      waiting.push(job);
      wake();
    },
  };
}

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
