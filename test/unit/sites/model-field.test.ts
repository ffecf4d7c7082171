import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { refuseWithoutTools } from '../../../src/main/core/serving/agent-platform.ts';
import { vllmFindings } from '../../../src/main/core/serving/containers/vllm-findings.ts';
import { findAllWeights } from '../../../src/main/core/store/find-model.ts';
import { AppError } from '../../../src/shared/errors/app-error.ts';
import { modelSites } from '../../../src/shared/model-sites.ts';
import { siteFile } from '../../../src/shared/site-file.ts';

const own = { engine: 'vllm', image: 'vllm/vllm-openai:v0.16.0', features: ['DUO_CHAT'] };
const site = siteFile.parse({
  sealift: 1,
  name: 'plant',
  gitlab: { url: 'https://gitlab.example', version: '18.9' },
  gateway: { kind: 'existing', host: '10.0.0.5' },
  models: [
    { ...own, name: 'a', servedName: 'coder', contextTokens: 9000, features: ['DUO_AGENT_PLATFORM'] },
    { ...own, name: 'b', servedName: 'talker', contextTokens: 9000 },
  ],
});
const [coder, talker] = modelSites(site);

/** The remedies of an error, as people read them. */
async function remediesOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError) return JSON.stringify(error.wire.remedies);
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('what is wrong with one model of a list', () => {
  it('is named with the field of that model where its vLLM is judged', () => {
    if (!talker) throw new Error('the list has two');
    const unfit = { name: 'hermes', needs: { text: '<tool_call>', in: 'template' as const, source: 'its code' } };
    const remedies = JSON.stringify(
      vllmFindings(talker, { parser: { unfit }, longest: 8000 }).map((one) => one.remedies),
    );
    expect(remedies).toContain('Set contextTokens of the model talker to 8000');
    expect(remedies).toContain('set vllm.toolCallParser of the model talker');
    expect(remedies).not.toMatch(/\bmodel\./);
  });

  it('is named so where agents cannot work with it, and where the store lacks it', async () => {
    if (!coder) throw new Error('the list has two');
    const agents = await remediesOf(() => refuseWithoutTools(coder, {}, { has: () => true }));
    expect(agents).toContain('Set vllm.toolCallParser of the model coder');
    const store = await mkdtemp(join(tmpdir(), 'no-models-'));
    onTestFinished(() => rm(store, { recursive: true }));
    const missing = findAllWeights(store, site).catch((error: AppError) => error.wire.details);
    expect(await missing).toMatchObject({ name: 'a', field: 'name of the model coder' });
  });
});
