import { describe, expect, it } from 'vitest';
import type { GitlabFacts } from '../../../src/shared/gitlab-facts.ts';
import { gitlabRows } from '../../../src/shared/gitlab-rows.ts';

const facts = { url: 'https://gitlab.example', isReachable: true, tls: null, clockAheadSeconds: null } as GitlabFacts;
const rowOf = (change: Partial<GitlabFacts>, name: string) =>
  gitlabRows({ ...facts, ...change }).find(([title]) => title === name)?.[1];

describe('the facts about a GitLab', () => {
  it.each([
    [{ version: '18.9.1', versionWhy: null }, '18.9.1'],
    [{ version: null, versionWhy: 'the token was refused' }, 'unknown: the token was refused'],
    [{ version: null, versionWhy: null }, 'unknown (requires a token)'],
  ])('name its version: %j', (change, text) => {
    expect(rowOf(change, 'Version')).toBe(text);
  });

  it.each([
    [0, 'the same as on this machine'],
    [2, '2 s ahead of this machine'],
    [-2, '2 s behind this machine'],
  ])('name its clock: %i', (clockAheadSeconds, text) => {
    expect(rowOf({ clockAheadSeconds }, 'Clock')).toBe(text);
  });
});
