import { expect, it } from 'vitest';
import type { DiagnosisCatalog } from '../../../src/main/core/probe/diagnosis-catalog.ts';
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

it('names the causes of each model that fails, and one that they share once with the evidence of each', async () => {
  const { model, part: _part, features, ...rest } = containerSite();
  const models = ['a', 'b', 'c'].map((servedName) => ({ ...model, servedName, features }));
  const site: SiteFile = { ...rest, features, models };
  const [of] = modelSites(site);
  const hop: Hop = {
    hop: 'model',
    title: 'Model server',
    isOfModel: true,
    isSimulated: () => false,
    run: async ({ of: { model: asked } }) => ({
      ok: false,
      error: asked.servedName === 'b' ? 'no room' : 'no key',
      seen: observe(skewed, now()),
      failure: 'failed',
    }),
  };
  const endpoints = { gatewayUrl: 'http://gateway', gitlabUrl: 'http://gitlab' };
  const context = { site, of, endpoints, simulatedParts: [], now, signal: AbortSignal.abort(), frontApiKey: 'sk-a' };
  const row = (id: string, text: string) => ({
    ...{ id, title: id, cause: id, confidence: 'high' as const, remedies: [], source: 'x', fallback: false },
    match: [{ text: [text] }],
  });
  const catalog = { rows: [row('key', 'no key'), row('room', 'no room')] } as unknown as DiagnosisCatalog;
  const { causes, firstRed } = await runProbe([hop], context as unknown as ProbeContext, catalog, quietWork());
  expect(firstRed).toBe('model-a');
  expect(causes.map((one) => one.id)).toEqual(['key', 'room']);
  expect(causes[0]?.evidence).toEqual(expect.arrayContaining(['a: no key', 'c: no key']));
  expect(causes[1]?.evidence).toContain('b: no room');
});

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
