import { describe, expect, it } from 'vitest';
import { agentContextFindings, refuseWithoutTools } from '../../../src/main/core/serving/agent-platform.ts';
import type { ChosenParser } from '../../../src/main/core/serving/containers/tool-parser.ts';
import { containerSite } from '../../scenes/container-site.ts';

const agents = (contextTokens = 65_536) => ({
  ...containerSite({ model: { engine: 'vllm', contextTokens } }),
  features: ['DUO_AGENT_PLATFORM' as const],
});
const codeOnly = (contextTokens: number) => ({
  ...agents(contextTokens),
  features: ['CODE_COMPLETIONS' as const],
});
const texts = (hasTools: boolean | undefined) => ({ has: () => hasTools });

describe('a site with the Agent Platform', () => {
  it('is refused when the first request may fill the context', () => {
    expect(() => agentContextFindings(agents(32_767))).toThrow(
      expect.objectContaining({ code: 'site.agents-unfit', message: expect.stringContaining('the context has 32767') }),
    );
  });

  it('says that a context is short', () => {
    expect(agentContextFindings(agents(32_768))).toMatchObject([
      { id: 'site.agents-short-context', severity: 'amber' },
    ]);
    expect(agentContextFindings(agents())).toEqual([]);
  });

  it.each<[string, ChosenParser, boolean | undefined, string]>([
    ['without a tool-call parser', {}, true, 'no tool-call parser'],
    [
      'whose parser does not fit the model',
      { unfit: { name: 'a', needs: { text: 't', in: 'tokenizer', source: 's' } } },
      true,
      'no tool-call parser',
    ],
    ['whose chat template knows no tools', { name: 'hermes' }, false, 'does not mention tools'],
  ])('is refused on a vLLM %s', (_what, parser, hasTools, problem) => {
    expect(() => refuseWithoutTools(agents(), parser, texts(hasTools))).toThrow(
      expect.objectContaining({ code: 'site.agents-unfit', message: expect.stringContaining(problem) }),
    );
  });

  it('is not refused for what is unknown', () => {
    for (const known of [true, undefined]) refuseWithoutTools(agents(), { name: 'hermes' }, texts(known));
  });
});

it('a site without it may be small', () => {
  expect(agentContextFindings(codeOnly(4096))).toEqual([]);
  refuseWithoutTools(codeOnly(4096), {}, texts(false));
});
