import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadModelCatalog } from '../../../src/main/core/catalog/load-model-catalog.ts';
import { catalogFlags } from '../../../src/main/core/serving/containers/catalog-flags.ts';
import { toolParser } from '../../../src/main/core/serving/containers/tool-parser.ts';
import { loadVllmCatalog } from '../../../src/main/core/serving/containers/vllm-catalog.ts';
import { vllmArguments } from '../../../src/main/core/serving/containers/vllm-container.ts';
import { vllmFindings } from '../../../src/main/core/serving/containers/vllm-findings.ts';
import { readTokenizerTexts } from '../../../src/main/core/weights/folder/tokenizer-texts.ts';
import { vllmOptions } from '../../../src/shared/vllm-options.ts';
import { containerSite, type SiteChange } from '../../scenes/container-site.ts';
import { writeTree } from '../../scenes/make-sources.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tool-parser-'));
});
afterAll(() => rm(folder, { recursive: true }));

const catalog = await loadVllmCatalog('resources');
const { models } = await loadModelCatalog(resolve('resources'));
const parallel = { tensorParallel: 1, pipelineParallel: 1, chosenBy: 'rule' as const, why: ['One GPU.'] };
const vocabulary = (...tokens: string[]) => ({
  'tokenizer.json': JSON.stringify({
    added_tokens: tokens.map((content, id) => ({ id, content })),
    model: { vocab: {} },
  }),
});

let count = 0;
const textsOf = async (tree: Record<string, string | Buffer>, template?: string) => {
  count += 1;
  return readTokenizerTexts(await writeTree(join(folder, String(count)), tree), template);
};
const siteOf = (model: SiteChange['model']) =>
  containerSite({ model: { engine: 'vllm', image: 'v.example/vllm:v0.32.0', ...model } });

/** What a site's vLLM gets, and what its plan says, for a folder with these tokenizer files. */
async function serve(model: SiteChange['model'], tree: Record<string, string | Buffer>) {
  const site = siteOf(model);
  const asked = catalogFlags(models, site.model, []);
  const facts = { parser: toolParser(site.model, { catalog, asked, texts: await textsOf(tree) }), asked };
  return {
    line: vllmArguments(site, { ...facts, parallel }).join(' '),
    findings: vllmFindings(site, { ...facts, longest: undefined }).map((one) => one.id),
  };
}

describe('the tool-call parser', () => {
  it("comes from the model's row, and else from its family, if the tokenizer has the parser's token", async () => {
    const llama = { name: 'llama-3.1-8b' };
    expect(await serve(llama, vocabulary('<|python_tag|>'))).toMatchObject({
      line: expect.stringMatching(/--tool-call-parser llama3_json$/),
      findings: [],
    });
    expect((await serve({ family: 'MISTRAL' }, vocabulary('[TOOL_CALLS]'))).line).toMatch(/parser mistral$/);
    for (const model of [llama, { family: 'MISTRAL' as const }]) {
      const { line, findings } = await serve(model, vocabulary('<s>'));
      expect(line).not.toMatch(/tool-call-parser|auto-tool-choice/);
      expect(findings).toEqual(['vllm.parser-left-out']);
    }
  });

  it('is not judged without a vocabulary to look at', async () => {
    expect((await serve({ family: 'MISTRAL' }, { 'tokenizer.json': '{}' })).line).toMatch(/parser mistral$/);
  });

  it('is none where the site file says so, and may have hyphens', async () => {
    const none = await serve({ name: 'llama-3.1-8b', vllm: { toolCallParser: 'none' } }, vocabulary('<s>'));
    expect(none).toMatchObject({ line: expect.not.stringContaining('tool'), findings: [] });
    expect(vllmOptions.parse({ toolCallParser: 'granite-20b-fc' })).toBeDefined();
    expect((await serve({ vllm: { toolCallParser: 'granite-20b-fc' } }, {})).line).toMatch(/granite-20b-fc$/);
  });

  it.each([
    ['qwen3-coder', 'qwen3_coder'],
    ['lama3_json', 'llama3_json'],
    ['mistral_v3', 'mistral'],
    ['deepseek_v33', 'deepseek_v3'],
  ])('%s is refused with the name that was meant', (toolCallParser, near) => {
    const thrown = () => toolParser(siteOf({ vllm: { toolCallParser } }).model, { catalog });
    expect(thrown).toThrow(
      expect.objectContaining({ code: 'site.parser-unknown', message: expect.stringContaining(near) }),
    );
  });

  it.each([
    ['mistral', vocabulary('[INST]')],
    ['llama3_json', vocabulary('<|im_end|>')],
  ])('%s of the site file is refused for a model whose files lack what it needs', async (toolCallParser, tree) => {
    const texts = await textsOf(tree);
    const thrown = () => toolParser(siteOf({ vllm: { toolCallParser } }).model, { catalog, texts });
    expect(thrown).toThrow(expect.objectContaining({ code: 'site.parser-unfit' }));
  });

  it.each([
    ['deepseek_v3', vocabulary('<think>')],
    ['qwen3_coder', vocabulary('<|im_end|>')],
    [
      'kimi_k2',
      { ...vocabulary('[BOS]'), 'tokenizer_config.json': '{"chat_template":"{{ x }}<|tool_calls_section_begin|>"}' },
    ],
    ['hermes', { 'tokenizer_config.json': '{"chat_template":"{{ messages }}"}' }],
  ])('%s of the site file is kept with a finding, because its need is unverified', async (toolCallParser, tree) => {
    const { line, findings } = await serve({ vllm: { toolCallParser } }, tree);
    expect(line).toContain(`--tool-call-parser ${toolCallParser}`);
    expect(findings).toContain('vllm.parser-doubtful');
  });
});

describe('what a tokenizer has', () => {
  it.each([
    ['tokenizer.json', '[TOOL_CALLS]', vocabulary('[TOOL_CALLS]')],
    ['tekken.json', '[TOOL_CALLS]', { 'tekken.json': '{"special_tokens":[{"rank":9,"token_str":"[TOOL_CALLS]"}]}' }],
    ['an older tekken.json', '[TOOL_CALLS]', { 'tekken.json': '{"config":{},"vocab":[]}' }],
    ['a SentencePiece model', '[TOOL_CALLS]', { 'tokenizer.model.v3': Buffer.from('\n\u0010[TOOL_CALLS]\u0015') }],
    [
      'escaped letters',
      '<｜tool▁calls▁begin｜>',
      { 'vocab.json': '{"a":0,"<\\uff5ctool\\u2581calls\\u2581begin\\uff5c>":1}' },
    ],
    [
      'the special tokens of a tiktoken model',
      '<|tool_calls_section_begin|>',
      {
        'tiktoken.model': 'YQ== 0',
        'tokenizer_config.json': '{"added_tokens_decoder":{"1":{"content":"<|tool_calls_section_begin|>"}}}',
      },
    ],
  ])('is found in %s', async (_where, token, tree: Record<string, string | Buffer>) => {
    expect((await textsOf(tree)).has(token, 'tokenizer')).toBe(true);
    expect((await textsOf(tree)).has('<absent>', 'tokenizer')).toBe(false);
  });

  it('and its template are two things', async () => {
    const tree = { ...vocabulary('a'), 'chat_template.jinja': 'call <tool_call>{}</tool_call>' };
    const texts = await textsOf(tree);
    expect([texts.has('<tool_call>', 'template'), texts.has('<tool_call>', 'tokenizer')]).toEqual([true, false]);
    expect((await textsOf(tree, 'a template of the site')).has('<tool_call>', 'template')).toBe(false);
    expect((await textsOf({})).has('<tool_call>', 'template')).toBeUndefined();
  });
});

describe('the names of parsers', () => {
  const versions: Record<string, string[]> = parse(readFileSync('test/fixtures/vllm/parser-names.yaml', 'utf8'));
  const choose = (image: string, toolCallParser: string) => {
    const site = siteOf({ image, vllm: { toolCallParser } });
    const parser = toolParser(site.model, { catalog });
    return vllmFindings(site, { parser, longest: undefined }).map((one) => one.id);
  };

  it.each(Object.keys(versions))('of vLLM %s are known, and others are doubted or refused', (version) => {
    const image = `v.example/vllm-openai:v${version}`;
    const all = catalog.toolCallParsers.map((one) => one.name);
    for (const name of versions[version] ?? []) expect([name, choose(image, name)]).toEqual([name, []]);
    for (const name of all.filter((one) => !versions[version]?.includes(one)))
      expect([name, choose(image, name)]).toEqual([name, ['vllm.parser-not-listed']]);
    expect(() => choose(image, 'no-such-parser')).toThrow(
      expect.objectContaining({ code: 'site.parser-unknown', message: expect.stringContaining(version) }),
    );
  });

  it.each([
    'v.example/vllm:v0.33.0',
    'v.example/vllm:v1.0.0rc1',
    'v.example/vllm:0.9.2',
    'v.example/vllm:latest',
    'v.example/vllm:25.09-py3',
    `v.example/vllm@sha256:${'ab'.repeat(32)}`,
  ])('that only another version may have are doubted for %s', (image) => {
    expect(choose(image, 'parser_of_tomorrow')).toEqual(['vllm.parser-not-listed']);
    expect(choose(image, 'hermes')).toEqual([]);
  });

  it('are checked for the parser of a family too', () => {
    const rows = catalog.toolCallParsers.map((one) => (one.name === 'openai' ? { ...one, since: '0.32.0' } : one));
    const { model } = siteOf({ image: 'v.example/vllm:v0.10.2', family: 'GPT' });
    const chosen = toolParser(model, { catalog: { ...catalog, toolCallParsers: rows } });
    expect(chosen).toMatchObject({ name: 'openai', doubt: {} });
  });
});

describe('vLLM itself', () => {
  type Answer = { says: string; parser?: string; lacks?: string };
  const recorded: { vllm: string; answers: Answer[] } = parse(
    readFileSync('test/fixtures/vllm/tool-parsers.yaml', 'utf8'),
  );

  it('refuses a known parser for a token that the catalogue names too', () => {
    const refused = recorded.answers.filter((one) => one.parser);
    expect(refused).toHaveLength(2);
    for (const { parser, lacks } of refused)
      expect(catalog.toolCallParsers.find((one) => one.name === parser)?.needs).toMatchObject({
        text: lacks,
        in: 'tokenizer',
        source: expect.stringContaining(recorded.vllm),
      });
  });
});
