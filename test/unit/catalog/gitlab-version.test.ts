import { describe, expect, it } from 'vitest';
import {
  compareVersions,
  isWithin,
  parseGitlabVersion,
  versionOfGatewayTag,
  versionText,
} from '../../../src/main/core/catalog/gitlab-version.ts';

describe('a GitLab version', () => {
  it.each([
    ['18.9', '18.9'],
    ['v18.9.1', '18.9'],
    ['18.9.1-ee', '18.9'],
    ['18.10.0-PRE', '18.10'],
    ['17.3.0-rc42.ee', '17.3'],
  ])('%s is read as %s', (text, version) => expect(versionText(parseGitlabVersion(text))).toBe(version));

  // The first two were refused in one place and read in another.
  it.each([
    ...[' 18.9', '18.9.1234', '18.9-a_b', '18.9\n', '', '18', '18.x', '18.9; rm -rf /', '18.9.1.1', '-1.2', '1e3.1'],
    `18.${'9'.repeat(400)}`,
  ])('is not read from %j', (text) => {
    expect(() => parseGitlabVersion(text)).toThrow(expect.objectContaining({ code: 'input.invalid', exitCode: 2 }));
  });

  it('is compared by major and minor', () => {
    const sorted = ['18.9', '17.11', '18.10', '17.2'].sort(compareVersions);
    expect(sorted).toEqual(['17.2', '17.11', '18.9', '18.10']);
    expect(compareVersions('18.9.1', '18.9.4-ee')).toBe(0);
  });

  it('is within a range that includes both ends', () => {
    const version = parseGitlabVersion('18.4');
    expect(isWithin(version, { from: '18.4', to: '18.4' })).toBe(true);
    expect(isWithin(version, {})).toBe(true);
    expect(isWithin(version, { from: '18.5' })).toBe(false);
    expect(isWithin(version, { to: '18.3' })).toBe(false);
  });

  it.each([
    ['self-hosted-v18.9.1-ee', { major: 18, minor: 9 }],
    ['gitlab-v17.3.0', { major: 17, minor: 3 }],
    ['latest', undefined],
    ['xself-hosted-v18.9.1-ee', undefined],
  ])('is read from the tag %s of a gateway', (tag, version) => expect(versionOfGatewayTag(tag)).toEqual(version));
});
