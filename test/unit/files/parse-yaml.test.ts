import { describe, expect, it } from 'vitest';
import { parseYaml, yamlIssues } from '../../../src/main/core/files/parse-yaml.ts';

const issues = (content: Buffer | string, maxAliases?: number) => {
  const parsed = parseYaml(content, maxAliases);
  return parsed.isYaml ? [] : yamlIssues(parsed.problems);
};

describe('parseYaml', () => {
  it('returns the value, and the line of each node', () => {
    const parsed = parseYaml(Buffer.from('\ufeffa: 1\r\nb: [x]\r\n'));
    expect(parsed).toMatchObject({ isYaml: true, value: { a: 1, b: ['x'] } });
  });

  it.each([
    ['a fault', 'a: 1\nb: }\n', 'line 2: not YAML'],
    ['a key twice', 'a: 1\na: 2\n', 'line 2: not YAML'],
    ['bytes that are not UTF-8', Buffer.from('a: gr\xfcn', 'latin1'), 'the file is not UTF-8 text'],
    ['an alias', 'a: &x 1\nb: *x\n', 'the file uses too many YAML aliases'],
    ['an alias without its anchor', 'b: *x\n', 'alias'],
    ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`, 'the file is nested too deeply'],
    ['20 000 levels', '['.repeat(20_000), 'the file is nested too deeply'],
    ['a million levels', '['.repeat(1_000_000), 'the file is nested too deeply'],
    ['20 000 lists in one line', '- '.repeat(20_000), 'the file is nested too deeply'],
    ['keys that are maps', `${'? '.repeat(20_000)}a\n`, 'the file is nested too deeply'],
    // Each key is compared with all before it: without a limit, these take minutes.
    ['20 000 keys', Array.from({ length: 20_000 }, (_, at) => `k${at}: 1`).join('\n'), 'the file has a group'],
    ['20 000 keys in one line', `{${Array.from({ length: 20_000 }, (_, at) => `k${at}`).join()}}`, 'has a group'],
    ['a million entries', '- a\n'.repeat(250_000), 'more than 50000 entries'],
    ['a million empty entries', `[${','.repeat(200_000)}]`, 'YAML'],
    ['20 000 levels that close', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'the file is nested too deeply'],
  ])('refuses %s', (_name, content, issue) => expect(issues(content).join('\n')).toContain(issue));

  // What each of these pieces becomes takes a thousand times its memory.
  it.each(['[', ']', '"', '&a ', '*a ', '- ', '? ', '%a\n', '---\n', '\n', '{a: ', ']'])(
    'refuses a mebibyte of %j before it is composed',
    (piece) => expect(issues(piece.repeat(2 ** 20 / piece.length)).join('\n')).toMatch(/entries|too deeply/),
  );

  it('takes a long list in one line', () => expect(issues(`[${'1,'.repeat(20_000)}1]`)).toEqual([]));

  it('takes 32 levels', () => expect(issues(`${'['.repeat(32)}${']'.repeat(32)}`)).toEqual([]));

  it('takes as many aliases as it is given, and no value that contains itself', () => {
    const some = `a: &x 1\nb: [${'*x,'.repeat(50)}]\n`;
    expect(issues(some, 100)).toEqual([]);
    expect(issues(some, 40)).toHaveLength(1);
    expect(issues('a: &x [*x]\n', 100)).toHaveLength(1);
    expect(issues('a: &x [*x, *x, *x]\n', 100)).toHaveLength(1);
    const bomb = [...'bcdefghi'].map((name, at) => `${name}: &${name} [${`*${'abcdefgh'[at]},`.repeat(9)}]`);
    expect(issues(`a: &a 1\n${bomb.join('\n')}\n`, 100)).toHaveLength(1);
  });

  it('names at most five faults, each on one line without secrets', () => {
    const faults = issues(Array.from({ length: 50 }, (_, at) => `k: ${at}`).join('\n'));
    expect(faults).toHaveLength(5);
  });
});
