import { readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { loadAcceptance } from '../../../src/main/core/acceptance/acceptance-catalog.ts';
import { type AcceptanceResult, acceptanceResult } from '../../../src/shared/contract/acceptance.ts';
import { type OpenaiServer, type SeenRequest, startOpenaiServer } from '../../fakes/openai-server.ts';
import { SiteScene } from '../../scenes/site-scene.ts';
import { resources } from '../../scenes/site-stage.ts';

// It runs some processes one after another.
vi.setConfig({ testTimeout: 300_000 });

const { tasks } = await loadAcceptance(resources);
const goodAnswers: Record<string, string> = {
  'completion-loop': 'total += number;',
  'completion-value': '0',
  'completion-json': '6379',
  'completion-pipeline': 'verify',
  'chat-code-in-context': 'It raises TooManyAttempts after 7 attempts.',
  'chat-reasoning-form': ' 17 and 25.\nFinal Answer: 42',
  'chat-history': 'It is heron-gateway.',
  'chat-exact-form': 'BUG',
  'agent-read-file': 'It sets port 8443.',
  'agent-two-steps': 'Ines Valdemar.',
  'agent-quoted-arguments': 'Written.',
  'agent-without-call': 'L',
};

type Body = SeenRequest['body'] & { tools?: object[] };

function taskOf(body: Body) {
  const said = body.messages?.map((one) => one.content).join('\n') ?? '';
  return tasks.find((one) =>
    said.includes(one.complete?.prefix ?? one.ask?.messages.findLast(({ role }) => role === 'user')?.content ?? ''),
  );
}

/** Plays a model that knows the answer to every task, and calls what it should, one call a turn. */
function answerWell(body: Body, response: ServerResponse): void {
  const task = taskOf(body);
  const wanted = task?.checks.flatMap((one) => ('calls' in one ? one.calls : [])) ?? [];
  const call = wanted[body.messages?.filter((one) => one.role === 'tool').length ?? 0];
  const delta = call
    ? { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: asText(call) }] }
    : { content: goodAnswers[task?.id ?? ''] ?? 'I do not know.' };
  stream(response, delta);
}

/** Plays a server that refuses the requests of one feature with this status, and answers all others well. */
function refusing(feature: string, status: number) {
  return (body: Body, response: ServerResponse): void => {
    if (taskOf(body)?.feature !== feature) return answerWell(body, response);
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{"message":"not now"}}');
  };
}

function asText(call: { name: string; arguments: object }) {
  return { name: call.name, arguments: JSON.stringify(call.arguments) };
}

function stream(response: ServerResponse, delta: object): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (value: object) => `data: ${JSON.stringify({ object: 'chat.completion.chunk', ...value })}\n\n`;
  response.write(event({ choices: [{ index: 0, delta: { role: 'assistant', ...delta } }] }));
  response.write(
    event({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' in delta ? 'tool_calls' : 'stop' }] }),
  );
  response.end(
    `${event({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 } })}data: [DONE]\n\n`,
  );
}

const withThreeFeatures: NonNullable<Parameters<SiteScene['writeSite']>[0]> = (site) => {
  site.features = ['CODE_COMPLETIONS', 'DUO_CHAT', 'DUO_AGENT_PLATFORM'];
};

/** A deployed site whose model is a server of this test. */
async function siteBefore(
  answer: (body: Body, response: ServerResponse) => void,
  change: NonNullable<Parameters<SiteScene['writeSite']>[0]> = withThreeFeatures,
) {
  const server: OpenaiServer = await startOpenaiServer('', 'big');
  onTestFinished(() => server.stop());
  let chat = answer;
  server.instead = ({ url }, response) => {
    if (url?.endsWith('/chat/completions')) return chat(server.seen.at(-1)?.body ?? {}, response);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"object":"list","data":[{"id":"big","object":"model"}]}');
  };
  const scene = await SiteScene.open([]);
  const file = await scene.writeSite((site) => {
    const endpoint = `http://127.0.0.1:${server.port}/v1`;
    site.model = { engine: 'external', name: 'big', servedName: 'big', endpoint, contextTokens: 65_536 };
    change(site);
  });
  expect((await scene.run('deploy', file)).exitCode).toBe(0);
  return {
    scene,
    file,
    become: (other: typeof answer) => {
      chat = other;
    },
  };
}

const dataOf = (run: { json: { data?: unknown } }): AcceptanceResult => acceptanceResult.parse(run.json.data);

it('a model that answers well reaches every aim; one that got worse is said, and one that is silent is no result', async () => {
  const { scene, file, become } = await siteBefore(answerWell);
  const good = await scene.run('accept', file);
  const first = dataOf(good);
  expect(first.tasks.filter((one) => !one.passed)).toEqual([]);
  expect(first.features.map((one) => [one.feature, one.passed, one.reached])).toEqual([
    ['CODE_COMPLETIONS', 4, true],
    ['DUO_CHAT', 4, true],
    ['DUO_AGENT_PLATFORM', 4, true],
  ]);
  expect(first).toMatchObject({ findings: [], served: { engine: 'external', servedName: 'big' } });
  expect([good.exitCode, first.simulated, first.comparison]).toEqual([0, undefined, undefined]);

  become((_, response) => stream(response, { content: 'Perhaps.' }));
  const bad = await scene.run('accept', file);
  const second = dataOf(bad);
  expect(bad.exitCode).toBe(1);
  expect(second.features.map((one) => one.reached)).toEqual([false, false, false]);
  expect(second.findings.map((one) => [one.id, one.severity])).toEqual([
    ['acceptance.low-codeCompletion', 'red'],
    ['acceptance.low-chat', 'red'],
    ['acceptance.low-agentPlatform', 'red'],
    ['acceptance.worse', 'amber'],
  ]);
  expect(second.comparison).toMatchObject({ beforeAt: first.at, changed: [] });
  // Speeds are left out: on a busy machine they are anything.
  expect(second.comparison?.worse.filter((one) => one.after === 'failed')).toHaveLength(12);
  expect(second.comparison?.better.filter((one) => one.after === 'passed')).toEqual([]);

  const stored = join(scene.paths().evidence, 'acceptance.json');
  const kept = await readFile(stored, 'utf8');
  expect(acceptanceResult.parse(JSON.parse(kept))).toMatchObject({ at: second.at, tasks: second.tasks });
  become((_, response) => void response.writeHead(500).end('{"error":{"message":"out of order"}}'));
  const silent = await scene.run('accept', file);
  expect(silent).toMatchObject({ exitCode: 4, json: { error: { code: 'probe.ask-failed' } } });
  expect(await readFile(stored, 'utf8')).toBe(kept);
});

it('each model of a list is measured for its own features, and compared with itself', async () => {
  const asked: Record<string, unknown[]> = {};
  const answer = (body: Body, response: ServerResponse) => {
    asked[String(body.model)] = [...(asked[String(body.model)] ?? []), taskOf(body)?.feature];
    return answerWell(body, response);
  };
  const { scene, file, become } = await siteBefore(answer, (site) => {
    const { model } = site;
    if (!model) throw new Error('the site of these tests has a model');
    const other = { ...model, servedName: 'other', features: ['DUO_CHAT' as const] };
    site.models = [{ ...model, features: ['CODE_COMPLETIONS'] }, other];
    Reflect.deleteProperty(site, 'model');
  });
  const first = dataOf(await scene.run('accept', file));
  expect(first.models?.map((one) => [one.servedName, one.features])).toEqual([
    ['big', ['CODE_COMPLETIONS']],
    ['other', ['DUO_CHAT']],
  ]);
  expect(first.features.map((one) => [one.feature, one.reached])).toEqual([
    ['CODE_COMPLETIONS', true],
    ['DUO_CHAT', true],
  ]);
  expect(asked).toEqual({ big: Array(4).fill('CODE_COMPLETIONS'), other: Array(4).fill('DUO_CHAT') });

  // One model is away: the other one is measured all the same.
  become((body, response) => {
    if (body.model === 'other') return answerWell(body, response);
    response.writeHead(503, { 'content-type': 'application/json' }).end('{"error":{"message":"not now"}}');
  });
  const second = await scene.run('accept', file);
  expect(dataOf(second).features.map((one) => [one.feature, one.reached, one.unanswered])).toEqual([
    ['CODE_COMPLETIONS', false, 4],
    ['DUO_CHAT', true, undefined],
  ]);
  expect(dataOf(second).findings[0]?.consequence).toContain('How good big is');

  become(answerWell);
  await writeFile(file, (await readFile(file, 'utf8')).replace('65536', '32768'));
  expect((await scene.run('deploy', file)).exitCode).toBe(0);
  const third = await scene.run('accept', file);
  expect(dataOf(third).comparison?.changed).toEqual([{ what: 'big, Context', before: '65536', after: '32768' }]);
  const out = join(scene.folder, 'report');
  await scene.run('report', file, '--out', out);
  const page = (await readFile(join(out, 'report.html'), 'utf8')).replace(/<[^>]+>/g, '');
  expect(page).toContain('Model: other for Chat: ');
});

it('an outage is no verdict on the model: what got no answer is not measured, and a whole run stays recorded', async () => {
  const { scene, file, become } = await siteBefore(refusing('DUO_CHAT', 400));
  const stored = join(scene.paths().evidence, 'acceptance.json');
  // Speeds are left out: on a busy machine they are anything.
  const openIds = ({ findings }: AcceptanceResult) =>
    findings.map((one) => one.id).filter((id) => id !== 'acceptance.worse');
  const refused = await scene.run('accept', file);
  expect(refused.exitCode).toBe(1);
  const first = dataOf(refused);
  expect(first.features.map((one) => [one.reached, one.unanswered])).toEqual([
    [true, undefined],
    [false, 4],
    [true, undefined],
  ]);
  expect(first.findings).toMatchObject([
    {
      id: 'acceptance.not-measured-chat',
      severity: 'amber',
      title: 'Chat: not measured, 4 of 4 tasks got no answer',
      remedies: [
        { command: expect.stringContaining(`probe ${file}`) },
        { command: expect.stringContaining('logs --tail 20') },
        { kind: 'steps' },
      ],
      howWeKnow: expect.stringContaining('not now'),
    },
  ]);
  expect(acceptanceResult.parse(JSON.parse(await readFile(stored, 'utf8'))).at).toBe(first.at);

  become(answerWell);
  const whole = await scene.run('accept', file);
  expect([whole.exitCode, openIds(dataOf(whole))]).toEqual([0, []]);
  const kept = await readFile(stored, 'utf8');
  expect(acceptanceResult.parse(JSON.parse(kept)).at).toBe(dataOf(whole).at);

  become(refusing('DUO_CHAT', 503));
  const out = await scene.run('accept', file);
  const third = dataOf(out);
  expect(out.exitCode).toBe(1);
  expect(third.tasks.map((one) => one.feature)).toEqual([
    ...Array(4).fill('CODE_COMPLETIONS'),
    ...Array(3).fill('DUO_CHAT'),
  ]);
  expect(third.features.map((one) => one.unanswered)).toEqual([undefined, 4, 4]);
  expect(openIds(third)).toEqual(['acceptance.not-measured-chat', 'acceptance.not-measured-agentPlatform']);
  expect(third.comparison?.worse.filter((one) => one.after === 'failed')).toEqual([]);
  expect(out.stderr).toContain('This run is not recorded');
  expect(await readFile(stored, 'utf8')).toBe(kept);
});

it('the test model on the embedded engine scores low, is named, and makes the report red', async () => {
  const scene = await SiteScene.open();
  const file = await scene.writeSite();
  expect((await scene.run('accept', file)).json.error?.code).toBe('probe.not-deployed');
  expect((await scene.run('deploy', file)).exitCode).toBe(0);
  const out = join(scene.folder, 'report');
  const never = await scene.run('report', file, '--out', out);
  expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('The acceptance set never ran');

  await writeFile(join(scene.paths().evidence, 'acceptance.json'), '{');
  const run = await scene.run('accept', file);
  expect([never.json.ok, run.exitCode]).toEqual([true, 1]);
  const data = dataOf(run);
  expect(data.simulated).toContain('rehearsal model');
  expect(data.features.map((one) => [one.feature, one.passed, one.reached])).toEqual([
    ['CODE_COMPLETIONS', 0, false],
    ['CODE_GENERATIONS', 0, false],
  ]);
  expect(data.tasks.map((one) => [one.error, (one.firstTokenMs ?? -1) >= 0])).toEqual(Array(8).fill([undefined, true]));
  expect(data.served).toMatchObject({
    engine: 'llamacpp',
    sha256: expect.any(String),
    engineVersion: expect.any(String),
  });
  // A stand-in's scores are no advice about a model.
  expect(data.findings.map((one) => one.title)).toEqual(Array(3).fill(expect.stringContaining('SIMULATED: ')));
  expect(JSON.stringify(data.findings)).not.toContain('larger model');
  expect(run.stderr).toContain('SIMULATED');

  const report = await scene.run('report', file, '--out', out);
  expect(report).toMatchObject({ exitCode: 1, json: { data: { isRed: true } } });
  expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('■ too low');
});

it('Ctrl-C ends the request at the model and leaves no result', async () => {
  let reached: (response: ServerResponse) => void = () => undefined;
  const waiting = new Promise<ServerResponse>((resolve) => {
    reached = resolve;
  });
  const { scene, file } = await siteBefore((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    reached(response);
  });
  const running = scene.start('accept', file);
  const response = await waiting;
  const ended = new Promise((resolve) => response.once('close', resolve));
  running.child.kill('SIGINT');
  expect((await running.ended).exitCode).toBe(130);
  await ended;
  await expect(readFile(join(scene.paths().evidence, 'acceptance.json'))).rejects.toMatchObject({ code: 'ENOENT' });
});
