import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSentence } from '../../../src/main/core/rehearse/tiny-model.ts';
import type { StartedPart } from '../../../src/main/core/serving/parts/start-part.ts';
import { ask, eventData, type ServingStage, send, servingStage, streamedText } from '../../scenes/serving-stage.ts';

const path = '/v1/completions';
const whole = { max_tokens: 100, temperature: 0 };
let stage: ServingStage;
let engine: StartedPart;
let front: StartedPart;

beforeAll(async () => {
  stage = await servingStage();
  engine = await stage.engine();
  front = await stage.front(engine);
});
afterAll(() => stage.close());

const complete = (body: unknown, to = path) => send(front, stage.apiKey, to, body);
const engineTokens = async (body: object) =>
  (await send(engine, engine.address.token, path, { ...body, max_tokens: 1 })).json.usage.prompt_tokens;
/** The text of all chunks of a stream of text. */
const textOf = (stream: string) =>
  eventData(stream)
    .flatMap((event) => event.choices ?? [])
    .map((choice) => choice.text)
    .join('');

describe('text completions', () => {
  it('continue a prompt, plain and streamed alike', async () => {
    const plain = await complete({ prompt: 'def f', model: 'any', ...whole });
    expect(plain.status).toBe(200);
    expect(plain.json).toMatchObject({ object: 'text_completion', model: 'tiny' });
    expect(plain.json.choices).toEqual([{ text: defaultSentence, index: 0, logprobs: null, finish_reason: 'stop' }]);
    expect(plain.json.usage).toMatchObject({ completion_tokens: 17 });
    const usage = { stream_options: { include_usage: true } };
    const stream = await complete({ prompt: ['def f'], stream: true, ...usage, ...whole });
    expect(textOf(stream.text)).toBe(defaultSentence);
    const events = eventData(stream.text);
    expect(events.at(-3).choices[0].finish_reason).toBe('stop');
    expect(events.at(-2)).toMatchObject({ choices: [], usage: plain.json.usage });
    expect(events.at(-1)).toBe('[DONE]');
  });

  it("write 16 tokens unless asked for more, as OpenAI's do", async () => {
    const { json } = await complete({ prompt: 'x' });
    expect(json.choices[0].finish_reason).toBe('length');
    expect(json.usage.completion_tokens).toBe(16);
  });

  it('stop before a stop string', async () => {
    const { json } = await complete({ prompt: 'x', stop: ['rehearsal'], ...whole });
    expect(json.choices[0]).toMatchObject({ text: "Hello from Sealift's ", finish_reason: 'stop' });
  });

  it('put prompt and suffix between the markers of the model, as text', async () => {
    const { status, json } = await complete({ prompt: 'a b', suffix: ' c', ...whole });
    expect([status, json.choices[0].text]).toEqual([200, defaultSentence]);
    const bare = await engineTokens({ prompt: 'a b' });
    expect(await engineTokens({ prompt: 'a b', suffix: ' c' })).toBe(bare + 1 + 3);
    // A control token is one where the client writes the whole prompt, and text where it is someone's code.
    expect(await engineTokens({ prompt: 'a b<|im_end|>' })).toBe(bare + 1);
    expect(await engineTokens({ prompt: 'a b<|im_end|>', suffix: ' c' })).toBeGreaterThan(bare + 1 + 3 + 1);
  });

  it('put the suffix first for a model without a marker of the middle, and refuse it without any', async () => {
    const two = await stage.engine({ withoutInfill: 'middle' }, { name: 'two' });
    const filled = await send(two, two.address.token, path, { prompt: 'a', suffix: 'b', ...whole });
    expect(filled.json.choices[0].text).toBe(defaultSentence);
    expect(filled.json.usage.prompt_tokens).toBe(4);
    const none = await stage.engine({ withoutInfill: 'all' }, { name: 'none' });
    const refused = await send(none, none.address.token, path, { prompt: 'a', suffix: 'b' });
    expect(refused.status).toBe(400);
    expect(refused.json.error).toMatchObject({ code: 'unsupported_value', param: 'suffix' });
    expect((await send(none, none.address.token, path, { prompt: 'a', suffix: '' })).status).toBe(200);
  });

  it.each([
    ['no prompt', {}, 'prompt'],
    ['several prompts', { prompt: ['a', 'b'] }, 'prompt'],
    ['a prompt in tokens', { prompt: [1, 2] }, 'prompt'],
    ['an echo', { prompt: 'a', echo: true }, 'echo'],
    ['the best of more', { prompt: 'a', best_of: 4 }, 'best_of'],
    ['too many odds', { prompt: 'a', logprobs: 6 }, 'logprobs'],
  ])('refuse %s and name the field', async (_name, body, param) => {
    const { status, json, headers } = await complete(body);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ type: 'invalid_request_error' });
    expect(json.error.param).toMatch(param);
    expect(headers.get('x-should-retry')).toBe('false');
  });

  it('refuse a prompt that fills the context, and want the key', async () => {
    const { status, json } = await complete({ prompt: 'word '.repeat(6000) });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code: 'context_length_exceeded', param: 'prompt' });
    expect((await send(front, 'wrong', path, { prompt: 'a' })).status).toBe(401);
  });

  it('are counted and logged as chats are', async () => {
    await complete({ prompt: 'x' });
    const { text } = await send(front, stage.apiKey, '/metrics');
    expect(text).toMatch(/requests_total\{path="\/v1\/completions",status="200"\} \d/);
    await expect.poll(() => stage.log()).toMatch(/"path":"\/v1\/completions","status":200,.*"completionTokens":16/);
  });
});

describe('several answers and their odds', () => {
  it('gives each answer its index, and counts the tokens of all', async () => {
    const { json } = await complete({ ...ask(), n: 3, seed: 5 }, '/v1/chat/completions');
    expect(json.choices.map((one: { index: number }) => one.index)).toEqual([0, 1, 2]);
    for (const { message } of json.choices) expect(message.content).toBe(defaultSentence);
    expect(json.usage.completion_tokens).toBe(3 * 17);
    const stream = await complete({ ...ask(), n: 2, stream: true }, '/v1/chat/completions');
    const ends = eventData(stream.text).flatMap((event) => event.choices ?? []);
    expect(ends.filter((one) => one.finish_reason === 'stop').map((one) => one.index)).toEqual([0, 1]);
    expect(streamedText(stream.text)).toBe(defaultSentence.repeat(2));
  });

  it('evaluates the prompt of several answers once', async () => {
    const before = await engine.measure();
    await complete({ ...ask('once'), n: 4 }, '/v1/chat/completions');
    const after = await engine.measure();
    const grown = (name: string) => Number(after[name]) - Number(before[name]);
    expect(grown('tokensGenerated')).toBe(4 * 17);
    // Once whole, as far as the slot did not have it, then the last token of it for each further answer.
    expect(grown('promptTokensEvaluated')).toBeLessThanOrEqual(grown('promptTokens') + 3);
  });

  it.each([0, 0.5, 1])('reports log probabilities of the model itself at temperature %s', async (temperature) => {
    const body = { ...ask(), temperature, logprobs: true, top_logprobs: 2, max_tokens: 3 };
    const { json } = await complete(body, '/v1/chat/completions');
    const { content } = json.choices[0].logprobs;
    expect(content.map((one: { token: string }) => one.token).join('')).toBe("Hello from Sealift's rehearsal");
    for (const { token, logprob, bytes, top_logprobs } of content) {
      expect(logprob).toBeCloseTo(0, 3);
      expect(Buffer.from(bytes).toString()).toBe(token);
      expect(top_logprobs).toHaveLength(2);
      expect(top_logprobs[0]).toMatchObject({ token });
      expect(top_logprobs[1].logprob).toBeLessThan(-20);
    }
  });

  it('streams the odds of each token with its text, and those of text completions in their own form', async () => {
    const stream = await complete({ ...ask(), logprobs: true, stream: true }, '/v1/chat/completions');
    const told = eventData(stream.text).flatMap((event) => event.choices?.[0]?.logprobs?.content ?? []);
    expect(told.map((one) => one.token).join('')).toBe(defaultSentence);
    const { json } = await complete({ prompt: 'x', logprobs: 1, max_tokens: 3 });
    const { tokens, token_logprobs, top_logprobs, text_offset } = json.choices[0].logprobs;
    expect(tokens.join('')).toBe(json.choices[0].text);
    expect(text_offset[2]).toBe(`${tokens[0]}${tokens[1]}`.length);
    expect([token_logprobs.length, Object.keys(top_logprobs[0])]).toEqual([3, [tokens[0]]]);
  });
});

describe('embeddings', () => {
  it('are vectors of length 1 where the file says how, in floats or in base64', async () => {
    const embedding = await stage.engine({ embeds: true }, { name: 'embedding' });
    const before = await stage.front(embedding);
    const embed = (body: object) => send(before, stage.apiKey, '/v1/embeddings', body);
    const { status, json } = await embed({ input: ['a', 'a b c'], model: 'any' });
    expect(status).toBe(200);
    expect(json).toMatchObject({ object: 'list', model: 'tiny' });
    expect(json.data.map((one: { index: number; object: string }) => [one.index, one.object])).toEqual([
      [0, 'embedding'],
      [1, 'embedding'],
    ]);
    for (const one of json.data) expect(Math.hypot(...one.embedding)).toBeCloseTo(1, 5);
    const short = (await embed({ input: 'a' })).json.usage;
    expect(json.usage.total_tokens).toBe(2 * short.prompt_tokens + 2);
    const coded = Buffer.from(
      (await embed({ input: 'a', encoding_format: 'base64' })).json.data[0].embedding,
      'base64',
    );
    expect(coded.readFloatLE(0)).toBeCloseTo(json.data[0].embedding[0], 5);
    expect(coded.length).toBe(json.data[0].embedding.length * 4);
    expect((await embed({ input: 'word '.repeat(6000) })).json.error).toMatchObject({
      code: 'context_length_exceeded',
      param: 'input',
    });
    expect((await embed({ input: 'a', dimensions: 8 })).json.error).toMatchObject({ param: 'dimensions' });
    // It still is a model that chats.
    expect((await send(before, stage.apiKey, '/v1/chat/completions', ask())).status).toBe(200);
  });

  it("are refused in OpenAI's form by a model that has none", async () => {
    const { status, json, headers } = await complete({ input: 'a' }, '/v1/embeddings');
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ type: 'invalid_request_error', param: 'model', code: 'unsupported_value' });
    expect(json.error.message).toMatch(/^You are not allowed to generate embeddings from this model/);
    expect(headers.get('x-should-retry')).toBe('false');
  });
});
