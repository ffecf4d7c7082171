// `npm run bench -- serve --rounds 3`, all as ratios within one run: the front before an engine that paces its tokens (100 a second) against
// the same engine asked directly, at 1, 16 and 64 clients that start at once, and 64 that do not; the embedded engine against node-llama-cpp in this process and,
// where this machine has it, Ollama on the same GGUF; and
// how much of the gateway's policy the engine computes again, with and without stable tags.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeTinyModel } from '../../src/main/core/rehearse/tiny-model.ts';
import { loadModel } from '../../src/main/core/serving/llamacpp/load-model.ts';
import type { StartedPart } from '../../src/main/core/serving/parts/start-part.ts';
import { builtWorkers } from '../run-sealift.ts';
import { startOllama } from '../scenes/ollama.ts';
import { startPacedEngine } from '../scenes/paced-engine.ts';
import { ask, engineConfig, type ServingStage, send, servingStage } from '../scenes/serving-stage.ts';
import { benchOptions } from './measure.ts';

const { rounds } = benchOptions(process.argv.slice(2), { sizeBytes: 0, rounds: 3 });
const pacedTokens = 200;
const pacedRate = 100;
const engineTokens = 1000;
const warmUps = 3;
/** Requests of one token before a front is measured: it serves for weeks, and its code is slow until it has run some hundred times. */
const firstRequests = 2000;
/** Between the starts of clients that do not start at once, which is what people's requests do not either. */
const apartMs = 7;

/** One answer as its client saw it. */
interface Seen {
  firstMs: number;
  tokensPerSecond: number;
}

const agent = new Agent({ keepAlive: true });

/**
 * Streams one answer; content chunks count as tokens. By plain `node:http`, since the clients share two processors with what is
 * measured: 64 times `fetch` alone take more time than the front does.
 */
async function stream(baseUrl: string, key: string, body: object): Promise<Seen> {
  const started = performance.now();
  const asked = request(`${baseUrl}/chat/completions`, {
    agent,
    method: 'POST',
    // The gateway always sends the last one.
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'x-stainless-read-timeout': '60' },
  });
  asked.end(JSON.stringify({ ...body, stream: true }));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let [tokens, firstMs, lastMs] = [0, 0, 0];
  response.setEncoding('utf8').on('data', (text: string) => {
    // A chunk without text only opens or ends the stream.
    const found = text.split('"content":"').length - text.split('"content":""').length;
    if (found === 0) return;
    lastMs = performance.now() - started;
    if (tokens === 0) firstMs = lastMs;
    tokens += found;
  });
  await once(response, 'end');
  if (response.statusCode !== 200 || tokens === 0) throw new Error(`${response.statusCode} with ${tokens} tokens`);
  return { firstMs, tokensPerSecond: tokens / (lastMs / 1000) };
}

/** What the main thread of a process has computed, whatever else the machine did meanwhile. */
const processorMs = (pid: number | undefined) =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function atOnce(clients: number, one: () => Promise<Seen>, everyMs = 0): Promise<Seen> {
  const all = await Promise.all(
    Array.from({ length: clients }, async (_, at) => {
      if (everyMs > 0) await sleep(at * everyMs);
      return one();
    }),
  );
  return {
    firstMs: median(all.map((seen) => seen.firstMs)),
    tokensPerSecond: median(all.map((seen) => seen.tokensPerSecond)),
  };
}

/** Runs ways in turn, after some runs of each that are not counted, and returns the median of each figure. */
async function inTurn(ways: (() => Promise<Seen>)[]): Promise<Seen[]> {
  const seen = ways.map((): Seen[] => []);
  // A process that has just started compiles its code during the first requests; a front runs for weeks.
  for (let round = 0; round < warmUps; round += 1) for (const way of ways) await way();
  for (let round = 0; round < rounds; round += 1)
    for (const index of ways.keys()) {
      // Nobody is always the one that runs first.
      const at = (index + round) % ways.length;
      const way = ways[at];
      if (way) seen[at]?.push(await way());
    }
  return seen.map((all) => ({
    firstMs: median(all.map((one) => one.firstMs)),
    tokensPerSecond: median(all.map((one) => one.tokensPerSecond)),
  }));
}

async function frontAgainstEngine(stage: ServingStage): Promise<void> {
  const engine = await startPacedEngine(pacedTokens, pacedRate);
  const front = await stage.front(engine.baseUrl);
  const frontUrl = `http://127.0.0.1:${front.address.port}/v1`;
  console.log(`The front before an engine of ${pacedRate} tokens/s, median of ${rounds} rounds`);
  const direct = (more: object = {}) => stream(engine.baseUrl, 'none', { ...ask(), ...more });
  const through = (more: object = {}) => stream(frontUrl, stage.apiKey, { ...ask(), ...more });
  for (let done = 0; done < firstRequests; done += 16)
    for (const way of [direct, through]) await atOnce(16, () => way({ max_tokens: 1 }));
  console.log('  clients   tokens/s direct   through the front     loss   first token   processor time a token');
  for (const clients of [1, 16, 64]) {
    const before = processorMs(front.pid);
    const [plain, fronted] = await inTurn([() => atOnce(clients, direct), () => atOnce(clients, through)]);
    if (!plain || !fronted) throw new Error('no rounds');
    const passed = (warmUps + rounds) * clients * pacedTokens;
    const eachUs = ((processorMs(front.pid) - before) * 1000) / passed;
    const loss = (1 - fronted.tokensPerSecond / plain.tokensPerSecond) * 100;
    const later = fronted.firstMs - plain.firstMs;
    const cells = [plain.tokensPerSecond.toFixed(1).padStart(18), fronted.tokensPerSecond.toFixed(1).padStart(20)];
    console.log(
      `  ${String(clients).padStart(7)}${cells.join('')}${loss.toFixed(2).padStart(8)} %${later.toFixed(1).padStart(9)} ms${eachUs.toFixed(0).padStart(19)} µs`,
    );
  }
  const [plain, fronted] = await inTurn(
    [direct, through].map((way) => () => atOnce(64, () => way({ max_tokens: 100 }), apartMs)),
  );
  if (!plain || !fronted) throw new Error('no rounds');
  const later = (fronted.firstMs - plain.firstMs).toFixed(1);
  console.log(`  first token for 64 clients that start ${apartMs} ms apart: ${later} ms later`);
  await front.stop();
  engine.close();
}

/** The same library, model and sampling in this process, without HTTP, slots and a front. */
async function inProcess(ggufPath: string): Promise<() => Promise<Seen>> {
  const { model, context } = await loadModel(engineConfig(ggufPath), join(builtWorkers, 'try-llamacpp.js'));
  const sequence = context.getSequence();
  const tokens = model.tokenize('<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n', true);
  return async () => {
    await sequence.clearHistory();
    const started = performance.now();
    let [said, firstMs] = [0, 0];
    for await (const token of sequence.evaluate(tokens, { temperature: 0, topK: 0, topP: 1 })) {
      model.detokenize([token]);
      if (said === 0) firstMs = performance.now() - started;
      said += 1;
      if (said === engineTokens) break;
    }
    return { firstMs, tokensPerSecond: said / ((performance.now() - started) / 1000) };
  };
}

async function embeddedAgainstLibrary(stage: ServingStage): Promise<void> {
  const { path } = await writeTinyModel(join(stage.folder, 'endless.gguf'), { repeats: true });
  const engine = await stage.start(engineConfig(path));
  const front = await stage.front(engine);
  const body = { ...ask(), model: 'bench', temperature: 0, max_tokens: engineTokens };
  const ollama = await startOllama(stage.folder);
  if (typeof ollama !== 'string') await ollama.create('bench', path, 4096);
  const [library, embedded, other] = await inTurn([
    await inProcess(path),
    () => stream(`http://127.0.0.1:${front.address.port}/v1`, stage.apiKey, body),
    ...(typeof ollama === 'string' ? [] : [() => stream(ollama.baseUrl, 'none', body)]),
  ]).finally(() => typeof ollama !== 'string' && ollama.stop());
  if (!library || !embedded) throw new Error('no rounds');
  const added = 1e6 / embedded.tokensPerSecond - 1e6 / library.tokensPerSecond;
  console.log(
    `\nThe embedded engine and its front, ${engineTokens} tokens of a model of one layer, median of ${rounds} rounds`,
  );
  const line = (way: string, { tokensPerSecond }: Seen) => {
    const ratio = (tokensPerSecond / library.tokensPerSecond).toFixed(2);
    console.log(`  ${way.padEnd(26)}  ${tokensPerSecond.toFixed(0).padStart(8)} tokens/s   ${ratio}`);
  };
  line('node-llama-cpp in process', library);
  line('through engine and front', embedded);
  if (other) line('Ollama', other);
  else console.log(`  Ollama                      not measured: ${ollama}`);
  console.log(`  added to each token         ${added.toFixed(0).padStart(8)} µs`);
}

/** A chat as the gateway sends it: about 1,000 tokens of policy with a tag that is new in each request, then the question. */
function withPolicy(question: string): object {
  const tag = `tool_output_policy_${randomBytes(8).toString('hex')}`;
  const policy = `<${tag}>\n${'a b c d e f g h i j '.repeat(100)}\n</${tag}>`;
  return {
    messages: [
      { role: 'system', content: policy },
      { role: 'user', content: question },
    ],
    max_tokens: 1,
  };
}

/** Of the second of two prompts, which share the policy: the part of its tokens that the engine computed. */
async function computedAgain(stage: ServingStage, engine: StartedPart, stableTags: boolean): Promise<number> {
  const front = await stage.front(engine, { stableTags });
  const post = (question: string) => send(front, stage.apiKey, '/v1/chat/completions', withPolicy(question));
  await post('one');
  const before = await engine.measure();
  await post('two');
  const after = await engine.measure();
  await front.stop();
  const grown = (name: string) => Number(after[name]) - Number(before[name]);
  return grown('promptTokensEvaluated') / grown('promptTokens');
}

async function tagsAgainstNone(stage: ServingStage): Promise<void> {
  const engine = await stage.engine({}, { name: 'tagged', slots: 1 });
  const [without, withTags] = [await computedAgain(stage, engine, false), await computedAgain(stage, engine, true)];
  console.log('\nTokens of a second prompt that the engine computes, of all that it has');
  console.log(`  a new tag in each request   ${(without * 100).toFixed(1).padStart(8)} %`);
  console.log(`  stable tags                 ${(withTags * 100).toFixed(1).padStart(8)} %`);
}

const stage = await servingStage();
try {
  await frontAgainstEngine(stage);
  await embeddedAgainstLibrary(stage);
  await tagsAgainstNone(stage);
} finally {
  await stage.close();
}
// llama.cpp's threads of this process are not waited for.
process.exit(0);
