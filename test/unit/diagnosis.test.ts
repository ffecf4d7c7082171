import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagnose, type Symptom } from '../../src/main/core/probe/diagnose.ts';
import { diagnosisCatalog, loadDiagnosis } from '../../src/main/core/probe/diagnosis-catalog.ts';
import { hops } from '../../src/main/core/probe/hops.ts';
import { hopFailures } from '../../src/main/core/probe/observation.ts';

const catalog = await loadDiagnosis(resolve('resources'));
const symptom = (part: Partial<Symptom>): Symptom => ({
  ...{ hop: 'model', status: null, failure: 'failed', headers: {}, text: '', clockOffsetSeconds: null },
  ...part,
});
const ids = (part: Partial<Symptom>) => diagnose(catalog, symptom(part)).map((one) => one.id);

describe('diagnosis.yaml', () => {
  it('names only hops and failures that exist', () => {
    const names = hops.map((one) => one.hop);
    for (const { id, match } of catalog.rows)
      for (const rule of match) {
        expect([id, rule.hops?.filter((hop) => !names.includes(hop)) ?? []]).toEqual([id, []]);
        expect([id, rule.failure?.filter((failure) => !hopFailures.some((one) => one === failure)) ?? []]).toEqual([
          id,
          [],
        ]);
        expect([id, Object.keys(rule).length > 0]).toEqual([id, true]);
      }
  });

  it('has a cause for every failure of every hop', () => {
    for (const { hop } of hops)
      for (const failure of hopFailures) {
        const [first] = diagnose(catalog, symptom({ hop, failure, status: 599 }));
        expect(first?.remedies.length).toBeGreaterThan(0);
        expect(first?.evidence[0]).toBe(`hop ${hop}`);
      }
  });

  it('refuses a row without remedy, an id twice and a second fallback', () => {
    const [row] = catalog.rows;
    const rows = (list: unknown[]) => diagnosisCatalog.safeParse({ version: 1, rows: list }).success;
    const plain = { id: 'T1', title: 'a title', cause: 'a cause', confidence: 'high', match: [], source: 'test' };
    const last = { ...plain, id: 'P0', fallback: true, remedies: [{ steps: ['do this'] }] };
    expect(rows([last])).toBe(true);
    expect(rows([plain, last])).toBe(false);
    expect(rows([last, last])).toBe(false);
    expect(rows([{ ...last, remedies: [{ label: 'x', command: 'rm -rf /' }] }])).toBe(false);
    expect(row?.remedies.length).toBeGreaterThan(0);
  });
});

describe('diagnose', () => {
  it.each([
    [{ hop: 'gateway-prompt-check', status: 401, text: '{"error":"Forbidden by auth provider"}' }, ['P9']],
    [
      { hop: 'gateway-prompt-check', status: 401, text: 'Forbidden by auth provider', clockOffsetSeconds: 6 },
      ['D16', 'P9'],
    ],
    [
      { hop: 'gateway-prompt-check', status: 401, text: 'Forbidden by auth provider', clockOffsetSeconds: -6 },
      ['D17', 'P9'],
    ],
    [{ hop: 'gateway-prompt-check', status: 401, text: 'Forbidden by auth provider', clockOffsetSeconds: 5 }, ['P9']],
    [{ hop: 'gateway-prompt-check', status: 421, text: '{"detail":"401: Unauthorized"}' }, ['D3']],
    [{ hop: 'gateway-prompt-check', status: 421, text: '{"detail":"500: Internal Server Error"}' }, ['D1']],
    [{ hop: 'gitlab-completion', status: 401, headers: { 'x-gitlab-error-origin': 'monolith' } }, ['T4']],
    [{ hop: 'gitlab-completion', status: 401 }, ['D18']],
    [{ hop: 'gitlab-completion', status: 422, text: 'model general is not supported by use case' }, ['D22']],
    [{ hop: 'gitlab-connection-check', failure: 'said-no', text: 'AI Gateway returned code 401' }, ['D18', 'T41']],
    [{ hop: 'model', status: 400, text: "THIS MODEL'S MAXIMUM CONTEXT LENGTH IS 5" }, ['D5']],
    [{ hop: 'model', status: 418, text: 'Vertex teapot' }, ['P0']],
  ])('%j → %j', (part, expected) => expect(ids(part)).toEqual(expected));

  it('tells what it saw', () => {
    const [cause] = diagnose(
      catalog,
      symptom({
        hop: 'gateway-prompt-check',
        status: 401,
        text: 'Forbidden by auth provider',
        clockOffsetSeconds: -60,
      }),
    );
    expect(cause?.evidence).toEqual(['hop gateway-prompt-check', 'status 401', 'its clock differs from ours by -60 s']);
  });
});
