import { describe, expect, it } from 'vitest';
import { versionFinding } from '../../../src/main/core/probe/probe-findings.ts';
import { containerSite } from '../../scenes/container-site.ts';

describe('a GitLab of another version', () => {
  it.each([
    ['18.7.1-ee', 'self-hosted-v18.7.Z-ee'],
    ['17.3.6-ee', 'gitlab-v17.3.Z'],
  ])('%s needs the gateway image %s', (found, tag) => {
    const site = containerSite();
    expect(JSON.stringify(versionFinding(site, found))).toContain(`deploy again with the gateway image ${tag}.`);
    const existing = { ...site, gateway: { ...site.gateway, kind: 'existing' as const } };
    expect(JSON.stringify(versionFinding(existing, found))).toContain(
      `On the gateway's host, run the gateway image ${tag}.`,
    );
  });
});
