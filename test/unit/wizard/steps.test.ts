import { describe, expect, it } from 'vitest';
import type { WizardFacts } from '../../../src/main/core/wizard/wizard-steps.ts';
import { wizardSteps } from '../../../src/main/core/wizard/wizard-steps.ts';
import { wizardAnswers, wizardStepId } from '../../../src/shared/contract/wizard.ts';
import { containerSite } from '../../scenes/container-site.ts';

const content = containerSite({});
const model = { name: content.model.name, sizeBytes: 1, ggufs: ['tiny.gguf'], bundleName: 'spring' };
const bare: WizardFacts = {
  working: new Set(),
  answers: wizardAnswers.parse({}),
  site: null,
  store: { models: [], images: [] },
};
const probe = {
  site: 'plant',
  simulated: false,
  hops: [],
  causes: [],
  notChecked: [],
  // Before the deployment by the clock, which was set back meanwhile.
  at: '2026-04-02T10:00:00.000Z',
  deployedAt: '2026-05-01T09:00:00.000Z',
};
const kept = { setting: 'url', before: 'b', after: 'b', wanted: 'b', state: 'kept' as const };
const gitlab = {
  site: 'plant',
  gitlabUrl: 'https://gitlab.plant.example',
  gitlabVersion: '18.9.0',
  era: '18.9',
  simulated: false,
  applied: [kept],
  notes: [],
  at: '2026-05-01T10:00:00.000Z',
  deployedAt: '2026-05-01T09:00:00.000Z',
};
const deployed = { at: '2026-05-01T09:00:00.000Z', isSameFile: true };
const site = { path: '/plant/site.yaml', content, problems: [] };
const differing = { setting: 'url', before: null, after: 'a', wanted: 'b', state: 'differs' as const };

const step = (id: string, facts: Partial<WizardFacts>) =>
  wizardSteps({ ...bare, ...facts }).find((one) => one.id === id);

describe('the steps of the wizard', () => {
  it('are the seven, in order, all open on a bare machine', () => {
    const steps = wizardSteps(bare);
    expect(steps.map((one) => one.id)).toEqual(wizardStepId.options);
    expect(new Set(steps.map((one) => one.status))).toEqual(new Set(['todo']));
  });

  it.each<[string, Partial<WizardFacts>, { status: string; summary?: RegExp; reason?: RegExp }]>([
    ['readiness', { readiness: { red: [], amber: 0, green: 9 } }, { status: 'done', summary: /^9 passed$/ }],
    ['readiness', { readiness: { red: ['a'], amber: 1, green: 9 } }, { status: 'blocked', summary: /^1 blocked$/ }],
    [
      'readiness',
      { readiness: { red: ['a'], amber: 0, green: 9 }, answers: { ...bare.answers, overrides: { a: 'known' } } },
      { status: 'look', summary: /1 overridden/ },
    ],
    [
      'model',
      { answers: { ...bare.answers, modelId: 'llama', contextTokens: 8192, verdict: 'fits' } },
      { status: 'done', summary: /^llama$/ },
    ],
    [
      'model',
      { answers: { ...bare.answers, modelId: 'kimi-k2.5', contextTokens: 32_768 } },
      { status: 'look', summary: /^kimi-k2.5$/, reason: /unknown/ },
    ],
    ['import', { store: { models: [model], images: [] } }, { status: 'done', summary: /^1 model, 0 images$/ }],
    [
      'import',
      { site, store: { models: [{ ...model, name: 'another' }], images: [] } },
      { status: 'look', reason: /not in the store/ },
    ],
    [
      'deploy',
      { site: { ...site, content: null, problems: [{ field: 'name', problem: 'missing' }] } },
      { status: 'blocked', reason: /missing/ },
    ],
    ['deploy', { site }, { status: 'todo', summary: /not deployed yet/ }],
    ['deploy', { site, deployed }, { status: 'done' }],
    ['deploy', { site, deployed: { ...deployed, isSameFile: false } }, { status: 'look', reason: /changed after/ }],
    ['gitlab', { gitlab }, { status: 'todo', summary: /Deploy the site first/ }],
    ['gitlab', { deployed, gitlab }, { status: 'done', summary: /^1 setting correct$/ }],
    ['gitlab', { deployed, gitlab: { ...gitlab, applied: [] } }, { status: 'todo', summary: /No setting/ }],
    [
      'gitlab',
      { deployed: { ...deployed, at: '2026-05-03T00:00:00.000Z' }, gitlab },
      { status: 'todo', reason: /redeployed/ },
    ],
    [
      'gitlab',
      { deployed, gitlab: { ...gitlab, applied: [differing] } },
      { status: 'look', summary: /1 settings? differ/ },
    ],
    [
      'gitlab',
      { site: { ...site, sha256: 'new' }, deployed, gitlab: { ...gitlab, siteFileSha256: 'old' } },
      { status: 'todo', reason: /site file was changed/ },
    ],
    [
      'probe',
      { site: { ...site, sha256: 'new' }, deployed, probe: { ...probe, siteFileSha256: 'old' } },
      { status: 'todo', reason: /site file was changed/ },
    ],
    ['probe', { deployed, probe }, { status: 'done' }],
    [
      'probe',
      { deployed, probe: { ...probe, findings: [{ id: 'f', severity: 'amber', title: 'changed', remedies: [] }] } },
      { status: 'look', reason: /changed/ },
    ],
    ['probe', { deployed, probe: { ...probe, firstRed: 'model' } }, { status: 'blocked', summary: /Failed at: model/ }],
    [
      'probe',
      { deployed: { ...deployed, at: '2026-05-03T00:00:00.000Z' }, probe },
      { status: 'todo', reason: /redeployed/ },
    ],
    [
      'probe',
      { deployed: { ...deployed, at: '2026-05-03T00:00:00.000Z' }, probe: { ...probe, firstRed: 'model' } },
      { status: 'todo', reason: /redeployed/ },
    ],
    [
      'report',
      { report: { at: '2026-03-02T11:00:00.000Z', probedAt: probe.at }, probe },
      { status: 'done', summary: /2026-03-02 11:00 UTC/ },
    ],
    [
      'report',
      { report: { at: '2026-05-02T09:00:00.000Z', probedAt: deployed.at }, probe },
      { status: 'todo', reason: /probed again/ },
    ],
    [
      'report',
      {
        report: { at: probe.at, probedAt: probe.at },
        probe,
        deployed: { ...deployed, at: '2026-05-03T00:00:00.000Z' },
      },
      { status: 'todo', reason: /redeployed/ },
    ],
    [
      'report',
      { report: { at: probe.at, probedAt: probe.at }, probe: { ...probe, firstRed: 'model' } },
      { status: 'look', reason: /failed hop/ },
    ],
    ['report', { working: new Set(['report'] as const) }, { status: 'working' }],
  ])('%s stands as its facts say: %j', (id, facts, { status, summary, reason }) => {
    const found = step(id, facts);
    expect(found?.status).toBe(status);
    if (summary) expect(found?.summary).toMatch(summary);
    if (reason) expect(found?.reason).toMatch(reason);
    else expect(found?.reason).toBeUndefined();
  });
});
