import { describe, expect, it } from 'vitest';
import { modelCatalog } from '../../../src/main/core/catalog/model-catalog.ts';

type Change = Record<string, unknown>;
const words = { codeCompletion: 'Yes', codeGeneration: 'Yes', chat: 'Yes', agentPlatform: null };
const row = (page: string, change: Change = {}) => ({
  ...{ page, name: 'Llama', family: null, state: 'Supported', ...words },
  ...change,
});
const page = (id: string, change: Change = {}) => ({
  ...{ id, first: id, last: id, source: `page of ${id}`, columns: ['chat'] },
  ...change,
});
const model = (id: string, support: unknown[]) => ({
  ...{ id, name: id, hosting: 'self-hosted', hfRepo: null, familyEnum: 'LLAMA3', support },
});
const catalog = (pages: unknown[], models: unknown[]) =>
  modelCatalog.safeParse({ version: 1, sources: {}, pages, words: {}, states: {}, models });
const rows = (...list: Parameters<typeof catalog>) => catalog(...list).data?.models.map((one) => one.support);
const issues = (...list: Parameters<typeof catalog>) => catalog(...list).error?.issues.map((one) => one.message);

const first = page('18.5');
const second = page('18.9', { like: '18.5' });
const third = page('19.1', { like: '18.9' });

describe('a page that is like an earlier page', () => {
  it('has its rows, with its own id and source', () => {
    expect(rows([first, second, third], [model('a', [row('18.5')])])).toEqual([
      [
        row('18.5', { source: 'page of 18.5' }),
        row('18.9', { source: 'page of 18.9' }),
        row('19.1', { source: 'page of 19.1' }),
      ],
    ]);
  });

  it('can change a row, and later pages repeat the changed one', () => {
    const support = [row('18.5'), row('18.9', { chat: 'No' })];
    expect(rows([first, second, third], [model('a', support)])?.[0]?.map((one) => one.chat)).toEqual([
      'Yes',
      'No',
      'No',
    ]);
  });

  it('can leave a model out, and a later page can name it again', () => {
    const pages = [first, page('18.9', { like: '18.5', without: ['a'] }), third];
    const on = (support: unknown[]) => rows(pages, [model('a', support)])?.[0]?.map((one) => one.page);
    expect(on([row('18.5')])).toEqual(['18.5']);
    expect(on([row('18.5'), row('19.1')])).toEqual(['18.5', '19.1']);
  });

  it.each([
    ['is like itself', [page('18.5', { like: '18.5' })], [row('18.5')], /earlier page/],
    ['is like a later page', [page('18.5', { like: '18.9' }), page('18.9')], [row('18.9')], /earlier page/],
    ['is like a page that does not exist', [page('18.5', { like: '17.1' })], [row('18.5')], /earlier page/],
    [
      'is without a model that the other page lacks',
      [first, page('18.9', { like: '18.5', without: ['b'] })],
      [row('18.5')],
      /^b is not/,
    ],
    ['leaves a model out and is like no page', [page('18.5', { without: ['a'] })], [row('18.5')], /^a is not/],
    [
      'has a row of a model that it is without',
      [first, page('18.9', { like: '18.5', without: ['a'] })],
      [row('18.5'), row('18.9')],
      /without a/,
    ],
    ['has a row that says the same again', [first, second], [row('18.5'), row('18.9')], /repeats page 18.5/],
    [
      'has a row that repeats what that page repeats',
      [first, second, third],
      [row('18.5'), row('19.1')],
      /repeats page 18.9/,
    ],
    ['has a row of a page that is not listed', [first], [row('18.5'), row('18.6')], /not one of the pages/],
  ])('is refused when it %s', (_title, pages, support, message) =>
    expect(issues(pages, [model('a', support)])?.join('; ')).toMatch(message),
  );
});
