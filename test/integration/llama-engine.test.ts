import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forkWorker } from '../../src/main/core/processes/fork.ts';
import { defaultSentence, writeTinyModel } from '../../src/main/core/rehearse/tiny-model.ts';
import { type StartedPart, startPart } from '../../src/main/core/serving/start-part.ts';

const fork = (worker: string) => forkWorker(resolve('out/main', `${worker}.js`));
let folder: string;
let engine: StartedPart;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  const { path } = await writeTinyModel(join(folder, 'tiny.gguf'));
  engine = await startPart(fork, {
    kind: 'llamacpp',
    name: 'model',
    ggufPath: path,
    servedName: 'rehearsal',
    contextTokens: 4096,
    threads: 1,
    slots: 2,
  });
});
afterAll(async () => {
  await engine?.stop();
  await rm(folder, { recursive: true });
});

async function chat(body: object) {
  const response = await fetch(`http://127.0.0.1:${engine.address.port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${engine.address.token}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

describe('x', () => {
  it('recites', async () => {
    const t = await chat({ messages: [{ role: 'user', content: 'hi' }] });
    console.log(t);
    expect(JSON.parse(t.text).choices[0].message.content).toBe(defaultSentence);
    const s = await chat({
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    console.log(s.text);
    console.log(await engine.measure(), engine.version);
  });
});
