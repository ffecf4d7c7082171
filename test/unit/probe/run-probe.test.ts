import { expect, it } from 'vitest';
import type { Hop, ProbeContext } from '../../../src/main/core/probe/hop.ts';
import { observe } from '../../../src/main/core/probe/observation.ts';
import { contextFinding } from '../../../src/main/core/probe/probe-findings.ts';
import { runProbe } from '../../../src/main/core/probe/run-probe.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { modelSites } from '../../../src/shared/model-sites.ts';
import type { SiteFile } from '../../../src/shared/site-file.ts';
import { containerSite } from '../../scenes/container-site.ts';

const now = () => new Date('2026-11-30T00:00:00Z');
const skewed = { kind: 'failure' as const, failure: 'failed' as const, detail: '', latencyMs: 0 };

it('reports the same fault of each of several models, and a wrong clock once', async () => {
  const { model, part: _part, features, ...rest } = containerSite({ model: { contextTokens: 8192 } });
  const models = ['coder', 'talker'].map((servedName) => ({ ...model, servedName, features }));
  const site: SiteFile = { ...rest, features, models };
  const [of] = modelSites(site);
  const loaded = (name: string) => JSON.stringify({ models: [{ name: `${name}:latest`, context_length: 4096 }] });
  const hop: Hop = {
    hop: 'model',
    title: 'Model server',
    isOfModel: true,
    isSimulated: () => false,
    run: async (context) => ({
      ok: true,
      answer: 'yes',
      seen: { ...observe(skewed, now()), clockOffsetSeconds: 900 },
      findings: contextFinding(context.of, loaded(context.of.model.servedName)),
    }),
  };
  const context = { site, of, simulatedParts: [], now, signal: AbortSignal.abort(), frontApiKey: 'k' };
  const { findings = [] } = await runProbe(
    [hop],
    context as unknown as ProbeContext,
    { causes: [] } as never,
    quietWork(),
  );
  expect(findings.map((one) => one.id)).toEqual(['probe.clock', 'probe.context-smaller', 'probe.context-smaller']);
  expect(JSON.stringify(findings[2]?.remedies)).toContain('Or set contextTokens of the model talker to 4096');
});
