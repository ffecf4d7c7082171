import { describe, expect, it } from 'vitest';
import { flowLines } from '../../../src/main/cli/flow-lines.ts';
import { chainFlows } from '../../../src/main/core/gitlab/chain-flows.ts';
import { siteFile } from '../../../src/shared/site-file.ts';

const siteOf = (version: string) =>
  siteFile.parse({
    sealift: 1,
    name: 'plant',
    gitlab: { url: 'https://gitlab.inside.example/git', version },
    gateway: { kind: 'existing', url: 'https://ai.inside.example:8443' },
    model: { engine: 'external', name: 'm', servedName: 'mistral', endpoint: 'http://10.0.0.9:8001/v1' },
    front: { host: '10.0.0.7', port: 8000 },
  });
const flowOf = (version: string, id: string) => chainFlows(siteOf(version)).find((one) => one.id === id);

describe('the ways of a request', () => {
  it.each(['17.2', '17.6', '18.3', '18.9'])(
    "name the site's own addresses and only known parts in GitLab %s",
    (version) => {
      const flows = chainFlows(siteOf(version));
      expect(flows.map((one) => one.id)).toEqual([
        'own',
        'authentication',
        ...(version === '18.9' ? ['agent-platform'] : []),
        'gitlab-com',
      ]);
      for (const { parts, messages } of flows) {
        const ids = parts.map((one) => one.id);
        for (const { from, to } of messages) expect(ids).toEqual(expect.arrayContaining([from, to]));
      }
      expect(flowOf(version, 'own')?.parts.map((one) => one.address)).toEqual([
        'editor or browser',
        'https://gitlab.inside.example/git',
        'https://ai.inside.example:8443',
        'http://10.0.0.7:8000/v1',
        'http://10.0.0.9:8001/v1',
      ]);
    },
  );

  it('leave the network only with the gateway of GitLab.com', () => {
    const leaving = chainFlows(siteOf('18.9')).filter((one) => one.leavesNetwork);
    expect(leaving.map((one) => one.id)).toEqual(['gitlab-com']);
  });

  it.each([
    ['17.2', false],
    ['17.3.1', false],
    ['17.4', true],
    ['18.9', true],
  ])('verify a token where the version does: %s %s', (version, doesVerify) => {
    const texts = flowOf(version, 'authentication')?.messages.map((one) => one.text);
    expect(texts?.includes('verifies the token')).toBe(doesVerify);
  });
});

describe('the drawing', () => {
  it('has an arrow from each part to the one that it asks', () => {
    const part = (id: string) => ({ id, title: id.toUpperCase(), address: `http://${id}` });
    const lines = flowLines({
      ...{ id: 'x', title: 'Two', leavesNetwork: false, parts: [part('a'), part('b')] },
      messages: [
        { from: 'a', to: 'b', text: 'ask' },
        { from: 'b', to: 'b', text: 'do' },
        { from: 'b', to: 'a', text: 'say' },
      ],
    });
    expect(lines).toEqual([
      '● Two',
      '  A: http://a',
      '  B: http://b',
      '',
      '    A        B',
      '    │  ask   │',
      '    │───────▶│',
      '    │        │ do',
      '    │  say   │',
      '    │◀───────│',
      '',
    ]);
  });

  it.each(['17.2', '18.9'])('shows each message and each address of GitLab %s', (version) => {
    for (const flow of chainFlows(siteOf(version))) {
      const text = flowLines(flow).join('\n');
      for (const one of [...flow.messages.map((sent) => sent.text), ...flow.parts.map(({ address }) => address)])
        expect(text).toContain(one);
    }
  });
});
