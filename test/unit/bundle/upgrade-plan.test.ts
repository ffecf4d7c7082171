import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { InventorySite } from '../../../src/main/core/bundle/format/inventory.ts';
import { needsQuestion } from '../../../src/main/core/bundle/needs/needs-question.ts';
import { workOut } from '../../../src/main/core/bundle/needs/work-out.ts';
import type { Held } from '../../../src/main/core/bundle/read/read-held.ts';
import { planUpgrade } from '../../../src/main/core/bundle/upgrade/plan-upgrade.ts';
import { checkBundleSpec } from '../../../src/shared/bundle-spec.ts';
import type { AppError } from '../../../src/shared/errors/app-error.ts';

const resources = resolve('resources');
const gateway = 'registry.gitlab.com/gitlab-org/modelops/applied-ml/code-suggestions/ai-assist/model-gateway';
const digest = `sha256:${'0'.repeat(64)}`;
const content = (kind: 'image' | 'model', name: string) => {
  return { kind, name, manifest: { digest, sizeBytes: 1 }, blobs: [] };
};

/** What a site has: images and models by name. */
function held(images: string[], models: string[], site?: Partial<InventorySite>): Held {
  const contents = [...images.map((name) => content('image', name)), ...models.map((name) => content('model', name))];
  const facts = { gitlab: '18.5.2', engine: 'vllm' as const, features: ['chat' as const], fips: false, ...site };
  return { kind: 'inventory', created: '2026-11-01T00:00:00Z', sha256: '', contents, ...(site && { site: facts }) };
}
const planOf = (of: Held, to: string, gitlab?: string) =>
  planUpgrade({ held: of, inventory: '/in/inventory.json', to, gitlab, file: '/out/bundle.yaml' }, resources);
const refusal = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => Promise.reject(new Error('it was planned')),
    (error: AppError) => error,
  );

describe('the order of an upgrade', () => {
  it.each([
    ['17.1', '17.4', ['17.3', '17.4']],
    ['16.11', '17.2', 'catalog.version-too-old'],
    ['17.2', '18.0', ['17.3', '17.5', '17.8', '17.11', '18.0']],
    ['18.5', '19.2', ['18.8', '18.11', '19.2']],
    ['18.8', '18.9', ['18.9']],
    ['19.2', '19.6', ['19.5', '19.6']],
  ])('from %s to %s', async (gitlab, to, order) => {
    const planned = planOf(held([], [], { gitlab }), to).then(
      (plan) => plan.order.map((one) => one.gitlab),
      (error: AppError) => error.code,
    );
    expect(await planned).toEqual(order);
  });

  it('names where it comes from, and the gateway of each step', async () => {
    const plan = await planOf(held([], [], { gitlab: '17.2' }), '17.5');
    expect(plan.order).toEqual([
      { gitlab: '17.3', gatewayTag: 'gitlab-v17.3.Z' },
      { gitlab: '17.5', gatewayTag: 'self-hosted-v17.5.Z-ee' },
    ]);
    expect(plan.orderSource).toContain('GitLab documentation');
  });

  it('refuses a version that is not later', async () => {
    for (const to of ['18.5', '18.5.4', '18.4', '17.11']) {
      const error = await refusal(planOf(held([], [], {}), to));
      expect([error.code, error.message]).toEqual(['input.invalid', expect.stringContaining('no later minor version')]);
    }
    expect(await refusal(planOf(held([], [], {}), '18.12'))).toMatchObject({ code: 'gitlab.version-unreal' });
  });
});

describe("the site's version", () => {
  it('is the given one, else that of the inventory, else that of its gateway, else unknown', async () => {
    const images = [`${gateway}:self-hosted-v18.4.1-ee`];
    expect((await planOf(held(images, [], {}), '19.2', '18.6')).from).toMatchObject({ gitlab: '18.6' });
    expect((await planOf(held(images, [], {}), '19.2')).from).toMatchObject({ gitlab: '18.5.2' });
    const byTag = await planOf(held(images, []), '19.2');
    expect(byTag.from).toEqual({ gitlab: '18.4', basis: 'by the tag of its AI Gateway, self-hosted-v18.4.1-ee' });
    expect(byTag.notes.join()).toContain("doesn't say which model server");
    const two = [...images, `${gateway}:self-hosted-v18.9.0-ee`];
    for (const some of [[], two])
      expect(await refusal(planOf(held(some, []), '19.2'))).toMatchObject({ code: 'upgrade.version-unknown' });
  });
});

describe('what an upgrade changes', () => {
  it('for models: lost, kept, gone and unknown ones', async () => {
    const names = ['mixtral-8x7b-instruct-v0.1', 'mistral-small-3.2-24b', 'llama-3.1-8b-q4_k_m', 'ours'];
    const { models } = await planOf(held([], names, { gitlab: '18.0' }), '19.2');
    expect(models.map(({ name, change }) => [name, change])).toEqual([
      ['mixtral-8x7b-instruct-v0.1', 'gone'],
      ['mistral-small-3.2-24b', 'new'],
      ['llama-3.1-8b-q4_k_m', expect.stringMatching(/^(changed|same|gained)$/)],
      ['ours', 'unknown'],
    ]);
  });

  it('for images: the gateway of the version, and what the site has already', async () => {
    const images = [`${gateway}:self-hosted-v18.5.0-ee`, 'vllm/vllm-openai:v0.18.1'];
    const plan = await planOf(held(images, ['mistral-small-3.2-24b'], {}), '19.2');
    expect(plan.images.map(({ reference, isHeld }) => [reference.split('/').at(-1), isHeld])).toEqual([
      ['model-gateway:self-hosted-v19.2.*-ee', false],
      ['vllm-openai:v0.18.1', true],
    ]);
    expect(plan.carry).toEqual({ knownBytes: 644245094, unknown: [] });
    const there = [...images, `${gateway}:self-hosted-v19.2.3-ee`];
    const { carry } = await planOf(held(there, ['mistral-small-3.2-24b'], {}), '19.2');
    expect(carry.knownBytes).toBe(0);
  });

  it('for the Agent Platform: the executor and the extensions of editors', async () => {
    const site = { gitlab: '18.5', features: ['agent-platform' as const] };
    const plan = await planOf(held([], ['mistral-medium-3.5-128b'], site), '19.5');
    expect(plan.images.map(({ title }) => title)).toContain('Executor of flows');
    const extensions = plan.steps.added.find(({ id }) => id === 'editor-extensions');
    expect(extensions?.how.join()).toContain('VS Code extension 6.85.0');
    const without = await planOf(held([], ['mistral-medium-3.5-128b'], { gitlab: '18.5' }), '19.5');
    expect(without.steps.added.map(({ id }) => id)).not.toContain('editor-extensions');
    const unknown = await planOf(held([], ['mistral-medium-3.5-128b'], site), '19.2');
    expect(unknown.byHand.map(({ title }) => title)).toEqual(['Executor image of flows']);
    expect(unknown.carry.unknown).toContain('Executor image of flows');
  });

  it('for a feature that none of its models serves any more', async () => {
    const site = { gitlab: '18.5', features: ['code-generation' as const, 'agent-platform' as const] };
    const { notes } = await planOf(held([], ['llama-3.1-8b'], site), '19.2');
    expect(notes.join()).toContain(
      'as fit for Agent Platform (Llama 3.1 8B: Limited functionality), so the bundle leaves that out',
    );
    const gone = await planOf(held([], ['mixtral-8x7b-instruct-v0.1'], { gitlab: '18.0' }), '19.2');
    expect(gone.notes.join()).toContain('the bundle brings no model server. To bring one, set engine: vllm');
  });

  it('for images as the bundle brings them: none for what it leaves out', async () => {
    const site = { gitlab: '18.5', features: ['code-generation' as const, 'agent-platform' as const] };
    const { images, byHand, carry, bundle } = await planOf(held([], ['llama-3.1-8b'], site), '19.2');
    expect([images.map(({ title }) => title), byHand]).toEqual([['AI Gateway', 'Model server vLLM'], []]);
    expect(carry.unknown).toEqual([]);
    expect(bundle).not.toContain('Executor');
    const gone = await planOf(held([], ['mixtral-8x7b-instruct-v0.1'], { gitlab: '18.0' }), '19.2');
    expect(gone.images.map(({ title }) => title)).toEqual(['AI Gateway']);
  });

  it('for settings and variables', async () => {
    const { steps, variables } = await planOf(held([], [], { gitlab: '17.3', engine: 'none' }), '17.9');
    expect(steps.added.map(({ id }) => id)).toContain('gateway-url-ui');
    expect(JSON.stringify(steps)).not.toContain('{{');
    expect(steps.removed.map(({ id }) => id)).toContain('feature-flags-rake');
    expect(variables.removed).toContain('AIGW_AUTH__BYPASS_EXTERNAL');
  });
});

describe('the bundle of an upgrade', () => {
  it.each([
    [
      'a model that stays',
      held([], ['mistral-small-3.2-24b'], {}),
      { engine: 'vllm', models: ['mistral-small-3.2-24b'] },
    ],
    ['a model that goes', held([], ['mixtral-8x7b-instruct-v0.1'], { gitlab: '18.0' }), { engine: 'none' }],
    ['an inventory without a site', held([`${gateway}:self-hosted-v18.4.1-ee`], []), { engine: 'none' }],
    [
      'the embedded engine',
      held([], ['llama-3.1-8b-q4_k_m'], { engine: 'llamacpp', features: ['code-generation'] }),
      { engine: 'llamacpp', models: ['llama-3.1-8b'], features: ['code-generation'] },
    ],
    [
      'a feature that no model serves',
      held([], ['llama-3.1-8b'], { features: ['code-generation', 'agent-platform'] }),
      { engine: 'vllm', features: ['code-generation'] },
    ],
  ])('can be worked out for %s', async (_what, of, site) => {
    const { bundle } = await planOf(of, '19.2');
    const checked = checkBundleSpec(parse(bundle));
    if (!('spec' in checked) || !checked.spec.site) throw new Error(JSON.stringify(checked));
    expect(checked.spec.site).toMatchObject({ gitlab: '19.2', ...site });
    expect(
      workOut(await needsQuestion(checked.spec.site, undefined, resources)).images.map(({ part }) => part),
    ).toContain('gateway');
    expect(bundle).toContain('sealift bundle pack /out/bundle.yaml --base /in/inventory.json --to FOLDER');
  });
});
