import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { writeTinyModel } from '../../../src/main/core/rehearse/tiny-model.ts';
import { ollamaNotes } from '../../../src/main/core/site/containers/ollama-notes.ts';
import { readGgufSize } from '../../../src/main/core/weights/gguf-size.ts';
import { containerSite } from '../../scenes/container-site.ts';

const model = (contextTokens: number) => containerSite({ model: { engine: 'ollama', contextTokens } });

it('a plan refuses a context beyond that of the model, to which Ollama would cut prompts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ollama-notes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { path } = await writeTinyModel(join(folder, 'tiny.gguf'));
  const longest = (await readGgufSize(path)).architecture.contextTokens ?? 0;
  await expect(ollamaNotes(path, model(longest + 1))).rejects.toMatchObject({ code: 'site.context-cut' });
  expect(await ollamaNotes(path, model(longest))).toHaveLength(1);
});

it("a plan states Ollama's requests at a time and the memory of their context, or that it is unknown", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ollama-notes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { path } = await writeTinyModel(join(folder, 'tiny.gguf'));
  const [note] = await ollamaNotes(path, model(8192));
  expect(note).toMatch(
    /^one request at a time \(OLLAMA_NUM_PARALLEL 1\); estimated memory for its 8192 tokens: \d.* [KMG]i?B$/,
  );
  await writeFile(join(folder, 'odd.gguf'), 'x');
  expect(await ollamaNotes(join(folder, 'odd.gguf'), model(8192))).toEqual([expect.stringMatching(/unknown$/)]);
});
