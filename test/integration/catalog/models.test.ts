import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readReadiness } from '../../../src/main/core/hardware/readiness-file.ts';
import type { ModelAnswer } from '../../../src/shared/contract/models.ts';
import { runHere } from '../../run-here.ts';
import { printedPages } from '../../scenes/gitlab-tables.ts';
import { goodMachine, gpu } from '../../scenes/machines.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealift-models-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function models(...args: string[]) {
  const run = await runHere('models', '--json', ...args);
  return { status: run.exitCode, ...JSON.parse(run.stdout) };
}

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const readiness = {
  kind: 'sealift.readiness',
  version: 1,
  createdAt: '2026-11-21T00:00:00.000Z',
  toolVersion: '0.1.0',
  machine: goodMachine(),
  findings: [],
};

describe('sealift models', () => {
  it('answers for a version and a feature', async () => {
    const { data, status } = await models('--gitlab', '18.9', '--feature', 'code-completion,chat');
    expect(status).toBe(0);
    expect(data.gitlab).toMatchObject({ asked: '18.9', first: '18.9', isExact: false });
    expect(data.notes[0]).toContain('does not state its version');
    expect(Object.keys(data.models[0])).toEqual(
      expect.arrayContaining(['id', 'name', 'family', 'hfRepo', 'features', 'support']),
    );
    expect(data.models.map((one: { id: string }) => one.id)).not.toContain('glm-5.1-fp8');
  });

  it.each(printedPages().map((page) => [page.versions.at(0), page] as const))(
    'prints what the page of GitLab %s prints',
    async (version, page) => {
      const { data, status } = await models('--gitlab', version ?? '');
      expect([status, data.gitlab.source]).toEqual([0, page.source]);
      const answered = data.models.map(({ name, support, features }: ModelAnswer) => ({
        name,
        state: support,
        features,
      }));
      const printed = page.rows.map(({ name, state, features }) => ({ name, state, features }));
      const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
      expect(answered.sort(byName)).toEqual(printed.sort(byName));
    },
  );

  it('filters by hosting', async () => {
    const hostings = async (...args: string[]) => [
      ...new Set((await models(...args)).data.models.map((one: { hosting: string }) => one.hosting)),
    ];
    expect(await hostings('--hosting', 'cloud')).toEqual(['cloud']);
    expect(await hostings('--hosting', 'self-hosted', '--gitlab', '17.5', '--feature', 'chat')).toEqual([
      'self-hosted',
    ]);
    expect((await models('--hosting', 'cloud', '--gitlab', '17.3')).data.models).toEqual([]);
  });

  it('prints where the size of the weights comes from', async () => {
    const run = await runHere('models', '--hosting', 'self-hosted');
    expect(run.stdout).toContain('weights: 60.8 GiB mxfp4, as listed in its repository');
    expect(run.stdout).toContain('weights: 693 GiB fp8, not listed: parameters x 1 byte (FP8)');
    expect(run.stdout).toContain('not listed: published as a round number (GitLab documentation, offline deployment');
    expect(run.stdout).toContain('weights: unknown size');
    expect(run.stdout).toContain('GitLab requires vLLM 0.18.1 or newer.');
    expect(run.stdout).not.toContain('LEAVES YOUR NETWORK');
  });

  it('gives verdicts and one recommendation for a readiness file', async () => {
    const { data } = await models('--for', file('good.json', JSON.stringify(readiness)));
    expect(data.machine.hostname).toBe('enclave-a');
    expect(data.recommendation.id).toBe('gpt-oss-120b');
    expect(data.models.every((one: { fit?: { reason: string } }) => one.fit?.reason)).toBe(true);
  });

  it('plans the cheapest set of models for several features', async () => {
    const two = { ...readiness, machine: goodMachine({ gpus: [gpu(), gpu()] }) };
    const asked = ['--plan', '--features', 'code-completion,chat', '--gitlab', '17.3'];
    const { data, status } = await models(...asked, '--for', file('two-gpus.json', JSON.stringify(two)));
    expect(status).toBe(0);
    expect(data).toMatchObject({ machine: { hostname: 'enclave-a', gpus: 2 }, gitlab: { asked: '17.3' } });
    expect(data.models.map((one: { gpuIndexes: number[] }) => one.gpuIndexes)).toEqual([[0], [1]]);
    const none = await models(...asked, '--for', file('one-gpu.json', JSON.stringify(readiness)));
    expect([none.status, none.data.models, none.data.why.length]).toEqual([1, null, 1]);
  });

  it('gives verdicts for this machine', async () => {
    expect((await models('--fit')).data.models[0].fit.verdict).toBeTruthy();
  });

  it.each([
    ['not JSON', 'hello', 2, 'hardware.readiness-invalid'],
    ['empty', '', 2, 'hardware.readiness-invalid'],
    ['another kind', '{"kind":"x"}', 2, 'hardware.readiness-invalid'],
    ['a later version', JSON.stringify({ ...readiness, version: 2 }), 2, 'hardware.readiness-invalid'],
    [
      'negative memory',
      JSON.stringify({
        ...readiness,
        machine: { ...readiness.machine, memory: { ...readiness.machine.memory, totalBytes: -1 } },
      }),
      2,
      'hardware.readiness-invalid',
    ],
    [
      'memory that is no number',
      JSON.stringify(readiness).replace(/"availableBytes":\d+/, '"availableBytes":"much"'),
      2,
      'hardware.readiness-invalid',
    ],
    [
      'too many GPUs',
      JSON.stringify({
        ...readiness,
        machine: { ...readiness.machine, gpus: Array(65).fill(readiness.machine.gpus[0]) },
      }),
      2,
      'hardware.readiness-invalid',
    ],
    [
      'a long name',
      JSON.stringify({
        ...readiness,
        machine: { ...readiness.machine, os: { ...readiness.machine.os, hostname: 'x'.repeat(9999) } },
      }),
      2,
      'hardware.readiness-invalid',
    ],
    ['a prototype', `{"__proto__":{"kind":"sealift.readiness"},"version":1}`, 2, 'hardware.readiness-invalid'],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 2, 'hardware.readiness-invalid'],
    ['2 MiB', ' '.repeat(2 * 1024 * 1024), 3, 'file.too-large'],
  ])('refuses a readiness file: %s', async (name, content, exitCode, code) => {
    const path = file(`${name}.json`, content);
    await expect(readReadiness(path)).rejects.toMatchObject({ code, exitCode });
  });

  it.each([
    [['--for', '/nowhere.json'], 2, 'file.missing'],
    [['--for', 'package.json'], 2, 'hardware.readiness-invalid'],
    [['--for', '/dev/zero'], 2, 'file.missing'],
    [['--for', '/'], 2, 'file.missing'],
    [['--gitlab', 'latest'], 2, 'input.invalid'],
    [['--gitlab', '16.0'], 3, 'catalog.version-too-old'],
    [['--gitlab', ''], 2, 'usage.invalid'],
    [['--gitlab', '17'], 2, 'input.invalid'],
    [['--gitlab', '18.9; reboot'], 2, 'input.invalid'],
    [['--gitlab', '17.0'], 3, 'catalog.version-too-old'],
    [['--hosting', 'basement'], 2, 'usage.invalid'],
    [['--hosting', '__proto__'], 2, 'usage.invalid'],
    [['--feature', ''], 2, 'usage.invalid'],
    [['--feature', 'poetry'], 2, 'usage.invalid'],
    [['--feature', 'constructor'], 2, 'usage.invalid'],
    [['--fit', '--for', '/x'], 2, 'usage.invalid'],
    [['--plan'], 2, 'usage.invalid'],
    [['--features', 'chat'], 2, 'usage.invalid'],
    [['--plan', '--features', 'poetry'], 2, 'usage.invalid'],
    [['--plan', '--features', 'chat', '--feature', 'chat'], 2, 'usage.invalid'],
  ])('refuses %j', async (args, status, code) => {
    const answer = await models(...args);
    expect([answer.status, answer.error.code]).toEqual([status, code]);
  });
});
