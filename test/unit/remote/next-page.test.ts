import { describe, expect, it } from 'vitest';
import { nextPage } from '../../../src/main/core/remote/next-page.ts';

const base = 'https://hub.example/api/models/a/b/';
const next = (link: string) => nextPage(link, base, () => new Error('elsewhere'));

describe('the next page of a list', () => {
  it.each([
    ['a whole address', `<${base}tree?cursor=2>; rel="next"`],
    ['a path', '</api/models/a/b/tree?cursor=2>; rel=next'],
  ])('is found in %s', (_what, link) => {
    expect(next(link)).toBe('tree?cursor=2');
  });

  it('is found below a base that is written in another way', () => {
    const page = nextPage(
      `<${base}tree?cursor=2>; rel="next"`,
      'https://Hub.example:443/api/models/a/b/',
      () => new Error(),
    );
    expect(page).toBe('tree?cursor=2');
  });

  it('is none at the end', () => {
    expect(next('')).toBeUndefined();
    expect(next(`<${base}tree>; rel="prev"`)).toBeUndefined();
  });

  it.each([
    ['another host', 'https://other.example/api/models/a/b/tree'],
    ['another repository', '/api/models/x/y/tree'],
    ['a path that leaves the repository', `${base}../../x/y/tree`],
    ['a path that leaves it in disguise', `${base}%2e%2e/c/tree`],
    ['no address', 'https://['],
  ])('is refused at %s', (_what, address) => {
    expect(() => next(`<${address}>; rel="next"`)).toThrow('elsewhere');
  });
});
