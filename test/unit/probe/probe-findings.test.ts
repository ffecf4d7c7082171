import { describe, expect, it } from 'vitest';
import { contextFinding, versionFinding } from '../../../src/main/core/probe/probe-findings.ts';
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

describe('an Ollama that was there before the site', () => {
  const site = containerSite({ model: { servedName: 'tiny', contextTokens: 8192 } });
  const found = (models: object[]) => contextFinding(site, JSON.stringify({ models })).map((one) => one.id);
  it.each<[string, object[], string[]]>([
    ['serves a smaller context', [{ name: 'tiny:latest', context_length: 4096 }], ['probe.context-smaller']],
    ['serves the context of the site', [{ name: 'tiny:latest', context_length: 8192 }], []],
    ['is too old to report its context', [{ name: 'x', model: 'tiny' }], ['probe.context-unknown']],
    ['has not loaded the model', [{ name: 'other:latest', context_length: 4096 }], []],
  ])('%s', (_what, models, ids) => expect(found(models)).toEqual(ids));

  it('is none where the list is not there', () => {
    for (const text of ['', '404 page not found', '{"error":"x"}']) expect(contextFinding(site, text)).toEqual([]);
  });
});
