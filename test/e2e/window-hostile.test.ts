import { beforeEach, describe, expect, it } from 'vitest';
import { places } from '../../src/renderer/state/places.ts';
import type { WizardState } from '../../src/shared/contract/wizard.ts';
import { wizardAnswers, wizardState, wizardStepId } from '../../src/shared/contract/wizard.ts';
import { type JobSnapshot, jobChange } from '../../src/shared/jobs.ts';
import { missing } from '../needs.ts';
import { containerSite } from '../scenes/container-site.ts';
import { hostile, turning } from '../scenes/hostile-text.ts';
import { type ScriptedWindow, scriptedWindows } from '../scenes/scripted-window.ts';
import { hasChromium, lookAt } from '../scenes/window-stage.ts';

const at = '2026-05-01T10:00:00.000Z';
const remedies = [
  { kind: 'steps' as const, steps: [hostile, hostile] },
  { kind: 'call' as const, label: hostile, command: hostile },
];

describe.skipIf(missing('chromium', hasChromium))('the window with hostile input', () => {
  const stage = scriptedWindows();
  let window: ScriptedWindow;
  beforeEach(() => {
    window = stage.window;
    window.page.on('dialog', (dialog) => window.complaints.push(`a dialog: ${dialog.message()}`));
  });

  it('shows names and answers of media, model servers and GitLab as text, on every screen', async () => {
    window.core.handlers.wizard.watch = async function* () {
      yield wizardState.parse(hostileState());
      await new Promise(() => undefined);
    };
    window.core.handlers.jobs.watchAll = async function* () {
      for (const job of hostileJobs()) yield jobChange.parse({ type: 'job', job });
      yield { type: 'listed' };
      await new Promise(() => undefined);
    };
    await window.open();
    for (const place of places) {
      await window.goTo(place);
      await window.isLoaded();
      expect(await window.page.locator('main script, main img[src="x"]').count()).toBe(0);
      expect(await window.page.locator('body').textContent()).not.toMatch(turning);
      await lookAt(window.page, `hostile-${place}`);
    }
    await window.goTo('probe');
    expect(await window.page.locator('blockquote').first().textContent()).toContain('<script>alert(1)</script>');
    await window.page.keyboard.press('j');
    await window.page.getByRole('dialog', { name: 'Jobs' }).waitFor();
    await lookAt(window.page, 'hostile-jobs');
    expect(window.complaints).toEqual([]);
  }, 120_000);

  it('accepts 10,000 characters in every field of every screen', async () => {
    const { page } = window;
    await window.open();
    for (const place of places) {
      await window.goTo(place);
      await window.isLoaded();
      if (place === 'readiness') await page.getByText('GitLab check').click();
      if (place === 'deploy' || place === 'push') await page.getByText('More settings').click();
      const fields = await page
        .locator('main')
        .locator(
          'input:not([type=checkbox],[type=radio],[type=range],[type=hidden],[readonly]):enabled, textarea:enabled',
        )
        .all();
      if (['readiness', 'model', 'import', 'deploy', 'pack', 'push'].includes(place))
        expect(fields.length, place).toBeGreaterThan(0);
      for (const field of fields) {
        await field.fill('<b>\u202e'.repeat(2000), { timeout: 5000 }).catch(() => field.fill('9'.repeat(10_000)));
        await page.keyboard.press('Tab');
      }
      await window.isLoaded();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await lookAt(page, `long-${place}`);
    }
    expect(window.complaints).toEqual([]);
  }, 180_000);
});

const siteFile = `/tmp/${hostile}`;

function hostileState(): WizardState {
  return {
    steps: wizardStepId.options.map((id) => ({ id, status: 'look' as const, summary: hostile, reason: hostile })),
    answers: wizardAnswers.parse({ modelId: hostile.slice(0, 200) }),
    site: {
      path: siteFile,
      content: containerSite(),
      problems: [],
    },
    store: {
      models: [{ name: 'm', sizeBytes: 1, ggufs: ['tiny.gguf'], bundleName: hostile }],
      images: [{ reference: hostile, digest: `sha256:${'a'.repeat(64)}` }],
    },
    addresses: [hostile],
    sites: [],
    isSimulated: false,
    network: 'not-known',
  };
}

function hostileJobs(): JobSnapshot[] {
  const error = {
    code: 'internal',
    exitCode: 4 as const,
    message: hostile,
    cause: hostile,
    remedies,
    details: {},
    retryable: false,
    ref: hostile,
  };
  const hop = { title: hostile, skipped: false, status: 200, latencyMs: 5, correlationId: hostile, simulated: false };
  const probed = {
    site: 'lab',
    simulated: false,
    hops: [
      { ...hop, hop: 'a', ok: true, answer: hostile },
      { ...hop, hop: 'b', ok: false, error: hostile },
    ],
    firstRed: 'b',
    causes: [{ id: 'x', title: hostile, cause: hostile, confidence: 'high', evidence: [hostile], remedies }],
    notChecked: [{ hop: 'c', title: hostile, reason: hostile }],
    findings: [{ id: 'site.hostile', severity: 'amber', title: `Doubt ${hostile}`, remedies }],
    at,
  };
  const setting = { setting: hostile, before: hostile, after: hostile, wanted: hostile, state: 'differs' };
  const set = {
    site: 'lab',
    gitlabUrl: `https://gitlab.example/${hostile}`,
    gitlabVersion: hostile,
    era: hostile,
    simulated: false,
    applied: [setting, setting],
    notes: [{ severity: 'red', text: hostile }],
    at,
  };
  return [
    job('probe.run', { state: 'succeeded', result: probed }),
    job('gitlab.apply', { state: 'succeeded', result: set }),
    ...['imports.run', 'bundle.pack', 'site.deploy', 'report.write', 'rehearse.run', 'hardware.check'].map((kind) =>
      job(kind, { state: 'failed', error }),
    ),
  ];
}

function job(kind: string, more: Partial<JobSnapshot>): JobSnapshot {
  return {
    id: kind,
    kind,
    title: hostile,
    subject: siteFile,
    steps: [{ id: 'one', title: hostile, state: 'failed' }],
    logTail: [hostile],
    seq: 1,
    startedAt: at,
    updatedAt: at,
    stepStartedAt: at,
    endedAt: at,
    state: 'failed',
    ...more,
  };
}
