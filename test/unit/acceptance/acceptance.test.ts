import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { acceptanceCatalog, loadAcceptance } from '../../../src/main/core/acceptance/acceptance-catalog.ts';
import { acceptanceFindings } from '../../../src/main/core/acceptance/acceptance-findings.ts';
import { readTurn } from '../../../src/main/core/acceptance/chat-turn.ts';
import { checkAnswer } from '../../../src/main/core/acceptance/check-answer.ts';
import { compareRuns } from '../../../src/main/core/acceptance/compare-runs.ts';
import { taskRequest } from '../../../src/main/core/acceptance/task-request.ts';
import type { AcceptanceResult } from '../../../src/shared/contract/acceptance.ts';
import { resources } from '../../scenes/site-stage.ts';

const catalog = await loadAcceptance(resources);
const task = (id: string) => {
  const found = catalog.tasks.find((one) => one.id === id);
  if (!found) throw new Error(`there is no task ${id}`);
  return found;
};
const passes = (id: string, text: string, calls: Parameters<typeof checkAnswer>[1]['calls'] = []) =>
  checkAnswer(task(id), { text, calls }).every((one) => one.ok);

describe('acceptance.yaml', () => {
  // biome-ignore lint/suspicious/noExplicitAny: the test breaks it in many ways.
  const changed = (change: (data: any) => void) => {
    const data = parse(readFileSync('resources/catalog/acceptance.yaml', 'utf8'));
    change(data);
    return acceptanceCatalog.safeParse(data).success;
  };
  it.each<[string, Parameters<typeof changed>[0]]>([
    ['a task without its why', ({ tasks }) => Reflect.deleteProperty(tasks[0], 'why')],
    ['a task without checks', ({ tasks }) => Object.assign(tasks[0], { checks: [] })],
    ['a check that is not known', ({ tasks }) => tasks[0].checks.push({ smells: 'good' })],
    ['a task twice', ({ tasks }) => tasks.push(tasks[0])],
    ['a task with two requests', ({ tasks }) => Object.assign(tasks[0], { ask: tasks[5].ask })],
    ['a feature without an aim', ({ features }) => Reflect.deleteProperty(features, 'DUO_CHAT')],
    [
      'a feature without a task',
      (data) =>
        Object.assign(data, { tasks: data.tasks.filter((one: { feature: string }) => one.feature !== 'DUO_CHAT') }),
    ],
    ['a family in two forms', ({ completionForms }) => completionForms[1].families.push('MISTRAL')],
    ['no form for other families', ({ completionForms }) => completionForms.pop()],
    ['a form without the suffix', ({ completionForms }) => Object.assign(completionForms[0], { user: '{{prefix}}' })],
  ])('is refused with %s', (_, change) => {
    expect(changed(() => undefined)).toBe(true);
    expect(changed(change)).toBe(false);
  });

  it('has no task that an empty answer, or what its own request says, would pass', () => {
    for (const one of catalog.tasks) {
      expect(passes(one.id, ''), one.id).toBe(false);
      const asked = one.ask?.messages.map(({ content }) => content).join('\n') ?? one.complete?.prefix ?? '';
      expect(passes(one.id, asked), one.id).toBe(false);
    }
  });
});

describe('the request of a completion', () => {
  const user = (family: Parameters<typeof taskRequest>[2]) =>
    taskRequest(task('completion-value'), catalog, family).messages.at(-1)?.content;
  const [prefix, suffix] = [
    'def is_even(number):\n    return number % 2 == ',
    '\n\nassert is_even(4)\nassert not is_even(3)\n',
  ];

  it.each([
    ['CODESTRAL', `<s>[SUFFIX]${suffix}[PREFIX]${prefix}`],
    ['CODEGEMMA', `<|fim_prefix|>${prefix}<|fim_suffix|>${suffix}<|fim_middle|>`],
    ['DEEPSEEKCODER', `<｜fim▁begin｜>${prefix}<｜fim▁hole｜>${suffix}<｜fim▁end｜>`],
    ['LLAMA3', `File parity.py (Python):\n\n${prefix}|CODE|${suffix}`],
    ['GENERAL', `File parity.py (Python):\n\n${prefix}|CODE|${suffix}`],
  ] as const)('has the form of %s', (family, content) => expect(user(family)).toBe(content));
});

describe('the checks of an answer', () => {
  it.each([
    ['completion-loop', 'total += number;', true],
    ['completion-loop', 'total += number', true],
    ['completion-loop', 'total += number; }', false],
    ['completion-loop', '```js\ntotal += number;\n```', false],
    ['completion-value', ' 0\n', true],
    ['completion-value', '0  # even', false],
    ['completion-json', '6379', true],
    ['completion-json', 'the port', false],
    ['generation-function', '```javascript\nconst isPalindrome = (text) => { return true; };\n```\nDone.', true],
    ['generation-function', 'function isPalindrome(text) { return', false],
    [
      'generation-pipeline',
      'lint:\n  stage: test\n  image: node:22\n  script:\n    - npm ci\n    - npm run lint\n',
      true,
    ],
    ['generation-pipeline', 'lint: stage: test, node:22, npm ci, npm run lint', false],
    ['chat-exact-form', 'BUG', true],
    ['chat-exact-form', 'It is a BUG.', false],
  ])('of %s judge %j as %j', (id, text, ok) => expect(passes(id, text)).toBe(ok));

  it('run nothing of what the model wrote', () => {
    passes('generation-function', 'globalThis.wasRun = true; function isPalindrome() { return }');
    expect('wasRun' in globalThis).toBe(false);
  });

  const call = (args: Record<string, unknown> | undefined) => [{ name: 'read_file', arguments: args }];
  it('hold only for the wanted call, with arguments that are JSON', () => {
    expect(passes('agent-read-file', 'It is 8443.', call({ path: 'config/server.yaml', more: 1 }))).toBe(true);
    expect(passes('agent-read-file', 'It is 8443.', call({ path: 'server.yaml' }))).toBe(false);
    expect(passes('agent-read-file', 'It is 8443.', [])).toBe(false);
    const broken = [...call({ path: 'config/server.yaml' }), ...call(undefined)];
    expect(passes('agent-read-file', 'It is 8443.', broken)).toBe(false);
    expect(passes('agent-without-call', 'L', call({ path: 'x' }))).toBe(false);
  });

  it('hold only for calls in the order that their title says', () => {
    const list = { name: 'list_files', arguments: { folder: 'docs' } };
    const read = { name: 'read_file', arguments: { path: 'docs/handover-2031.md' } };
    expect(passes('agent-two-steps', 'Ines Valdemar.', [list, ...call({ path: 'docs' }), read])).toBe(true);
    expect(passes('agent-two-steps', 'Ines Valdemar.', [read, list])).toBe(false);
  });
});

it('an answer without end is given up, and one in pieces is put together', async () => {
  async function* endless() {
    for (;;) yield { choices: [{ delta: { content: 'x'.repeat(1000) } }] };
  }
  expect(await readTurn(endless())).toMatchObject({ isEndless: true });
  async function* pieces() {
    const delta = (one: object) => ({ choices: [{ delta: { tool_calls: [one] } }] });
    yield delta({ index: 0, id: 'a', function: { name: 'read', arguments: '{"pa' } });
    yield delta({ index: 0, function: { arguments: 'th":1}' } });
    yield delta({ id: 'b', function: { name: 'list', arguments: '{}' } });
    yield { choices: [], usage: { prompt_tokens: 1, completion_tokens: 7 } };
  }
  expect(await readTurn(pieces())).toMatchObject({
    isEndless: false,
    completionTokens: 7,
    calls: [
      { id: 'a', name: 'read', arguments: '{"path":1}' },
      { id: 'b', name: 'list', arguments: '{}' },
    ],
  });
});

describe('a run against the one before it', () => {
  const at = '2026-05-01T09:00:00.000Z';
  const run = (change: { passed: boolean; speed: number; wait: number; file: string; sha?: string }) => ({
    at,
    served: { engine: 'llamacpp', name: 'm', servedName: 'm', file: change.file, contextTokens: 4096 },
    features: [
      {
        feature: 'DUO_CHAT' as const,
        tasks: 1,
        passed: 1,
        passPercent: 75,
        reached: true,
        firstTokenMs: change.wait,
        tokensPerSecond: change.speed,
      },
    ],
    tasks: [
      { feature: 'DUO_CHAT', title: 'Keep to a form', passed: change.passed, taskSha256: change.sha ?? 'a' },
    ] as AcceptanceResult['tasks'],
  });
  const before = run({ passed: true, speed: 10, wait: 1000, file: 'm-Q8_0.gguf' });

  it('says what changed and what got worse, and the finding too', () => {
    const comparison = compareRuns(before, run({ passed: false, speed: 5, wait: 3000, file: 'm-Q2_K.gguf' }));
    expect(comparison).toEqual({
      beforeAt: at,
      changed: [{ what: 'File', before: 'm-Q8_0.gguf', after: 'm-Q2_K.gguf' }],
      worse: [
        { what: 'Chat, Keep to a form', before: 'passed', after: 'failed' },
        { what: 'Chat, speed', before: '10.0 tokens/s', after: '5.0 tokens/s' },
        { what: 'Chat, first token', before: '1000 ms', after: '3000 ms' },
      ],
      better: [],
    });
    const [finding] = acceptanceFindings({ ...before, comparison });
    expect(finding).toMatchObject({
      severity: 'amber',
      title: expect.stringContaining('Chat, Keep to a form: passed → failed'),
      consequence: 'Changed since then: File: m-Q8_0.gguf → m-Q2_K.gguf.',
    });
  });

  it('compares nothing that got no answer, in either of both', () => {
    const good = run({ passed: true, speed: 10, wait: 1000, file: 'm-Q8_0.gguf' });
    const gap = run({ passed: false, speed: 5, wait: 3000, file: 'm-Q8_0.gguf' });
    for (const one of gap.tasks) one.error = 'status 503';
    for (const one of gap.features) Object.assign(one, { unanswered: 1 });
    for (const [first, second] of [
      [good, gap],
      [gap, good],
    ] as const)
      expect(compareRuns(first, second)).toEqual({ beforeAt: at, changed: [], worse: [], better: [] });
  });

  it('compares neither other tasks nor the usual play of speeds', () => {
    const comparison = compareRuns(before, run({ passed: false, sha: 'b', speed: 9, wait: 1400, file: 'm-Q8_0.gguf' }));
    expect(comparison).toEqual({ beforeAt: at, changed: [], worse: [], better: [] });
  });
});
