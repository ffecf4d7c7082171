import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagnose, givenHop, type Symptom } from '../../../src/main/core/probe/diagnose.ts';
import { diagnosisCatalog, loadDiagnosis } from '../../../src/main/core/probe/diagnosis-catalog.ts';
import { fitRemedies, fitRemediesAnywhere } from '../../../src/main/core/probe/fit-remedies.ts';
import { hops } from '../../../src/main/core/probe/hops.ts';
import { hopFailures } from '../../../src/main/core/probe/observation.ts';
import { siteEndpoints } from '../../../src/main/core/sites/site-endpoints.ts';
import { containerSite } from '../../scenes/container-site.ts';

const catalog = await loadDiagnosis(resolve('resources'));
const symptom = (part: Partial<Symptom>): Symptom => ({
  ...{ hop: 'model', status: null, failure: 'failed', headers: {}, text: '', clockOffsetSeconds: null },
  ...part,
});
const ids = (part: Partial<Symptom>) => diagnose(catalog, symptom(part)).map((one) => one.id);

describe('diagnosis.yaml', () => {
  it('names only hops and failures that exist', () => {
    const names = [...hops.map((one) => one.hop), givenHop];
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

  it('names only placeholders that are filled in', () => {
    const site = containerSite();
    const context = { site, endpoints: siteEndpoints(site), canApply: false };
    const fitted = JSON.stringify(catalog.rows.map((row) => fitRemedies(row.remedies, context)));
    expect(fitted).not.toMatch(/\{\{|undefined|gitlab (apply|check) /);
    expect(fitted).toContain(`open port ${site.gateway.grpcPort} `);
    const anywhere = JSON.stringify(catalog.rows.map((row) => fitRemediesAnywhere(row.remedies)));
    expect(anywhere).not.toMatch(/\{\{|undefined/);
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

  it.each(['429: ', 'returned 404', 'returned code 503'])('refuses a status as text: %j', (text) => {
    const [row] = catalog.rows;
    const last = { ...row, remedies: [{ steps: ['do this'] }], fallback: true, match: [{ text: [text] }] };
    const checked = diagnosisCatalog.safeParse({ version: 1, rows: [last] });
    expect(checked.error?.issues.map((one) => one.message).join()).toContain('modelStatus or gatewayStatus');
  });
});

const check = { hop: 'gitlab-connection-check', failure: 'said-no', status: 200 };

/** What a hop saw, and the rows that this matches, in the order in which they are shown. */
const cases: [Partial<Symptom>, string[]][] = [
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
  [{ ...check, text: 'AI Gateway returned code 401' }, ['D18', 'T41']],
  [{ ...check, text: 'AI Gateway returned code 403: {"error":"401: Unauthorized"}' }, ['D30', 'T41']],
  [{ ...check, text: 'AI Gateway returned code 502' }, ['P22', 'T41']],
  [{ ...check, text: 'AI Gateway returned code 402' }, ['D31', 'T41']],
  [
    { ...check, text: 'Failed to open TCP connection to gw:5052 (getaddrinfo: Name or service not known)' },
    ['P21', 'T41'],
  ],
  [{ ...check, text: 'AI Gateway: 500: Internal Server Error; getaddrinfo failed' }, ['P18', 'D1', 'T41']],
  [{ ...check, text: '404: Not Found; GitLab stores the endpoint http://m:8000/v1/v1' }, ['P19', 'D2', 'P24', 'T41']],
  [{ ...check, text: 'The user has no seat assigned' }, ['P23', 'T41']],
  [{ hop: 'gitlab-completion', status: 502 }, ['P21']],
  [{ hop: 'gitlab-completion', status: 403, text: '{"message":"403 Forbidden"}' }, ['P23']],
  [{ hop: 'gitlab-completion', status: 402, text: 'insufficient_credits' }, ['D31']],
  [{ hop: 'model', failure: 'unknown-host' }, ['P18']],
  [{ hop: 'model', status: 502, text: 'upstream: getaddrinfo ENOTFOUND big.internal' }, ['P18', 'P11']],
  [{ hop: 'gateway-grpc', failure: 'refused' }, ['D33']],
  [{ hop: 'gateway-grpc', failure: 'reset' }, ['D33']],
  [{ hop: 'gateway-grpc', failure: 'timeout' }, ['D33']],
  [{ hop: 'gateway-grpc', failure: 'said-no', text: 'it reports its health as NOT_SERVING' }, ['P20']],
  [{ hop: 'gateway-health', failure: 'refused' }, ['T2']],
  [{ ...check, text: 'The self-hosted model server returned 401: Unauthorized' }, ['D3', 'T41']],
  [{ ...check, text: 'The self-hosted model server returned 404: Not Found' }, ['D2', 'T41']],
  [{ ...check, text: 'The self-hosted model server returned 429: Too Many Requests' }, ['D11', 'T41']],
  [{ ...check, text: '503: Service Unavailable' }, ['D12', 'T41']],
  [{ ...check, text: '500: internal server error' }, ['D1', 'T41']],
  [{ hop: 'model', status: 400, text: "THIS MODEL'S MAXIMUM CONTEXT LENGTH IS 5" }, ['D5']],
  [{ hop: 'model', status: 418, text: 'Vertex teapot' }, ['P0']],
  [{ hop: 'model', failure: 'refused' }, ['P1']],
  [{ hop: 'gateway-health', status: 302, failure: 'redirect' }, ['P3']],
  [{ hop: 'gateway-health', status: 200, failure: 'not-json' }, ['P4']],
  [{ hop: 'model', failure: 'not-running' }, ['P25']],
  [{ hop: 'model', failure: 'out-of-memory' }, ['P26']],
  [{ hop: 'gateway-to-model', failure: 'off-network' }, ['P27']],
  [{ hop: 'gateway-health', failure: 'key-damaged' }, ['P16']],
  [{ hop: 'gateway-to-model', failure: 'timeout', text: 'curl: (28) Connection timed out' }, ['P13']],
  [{ hop: 'gateway-to-model', failure: 'not-running' }, ['P14']],
  [{ hop: 'gateway-to-model', status: 404 }, ['P15']],
  [{ hop: 'gitlab-connection-check', failure: 'not-configured' }, ['P7']],
  [{ hop: 'gitlab-connection-check', status: 401 }, ['P8']],
  [{ hop: 'gitlab-connection-check', status: 200, failure: 'graphql-error' }, ['P12']],
  [{ hop: 'gitlab-completion', failure: 'refused' }, ['P6']],
  [{ hop: 'gitlab-completion', status: 500 }, ['P10']],
  [{ hop: 'gateway-health', text: 'certificate has expired' }, ['P28']],
  [{ hop: 'gitlab-completion', status: 200, failure: 'empty-answer' }, ['P5']],
];

describe('diagnose', () => {
  it.each(cases)('%j → %j', (part, expected) => expect(ids(part)).toEqual(expected));

  it('has a case for each row that only a hop can match', () => {
    const byHop = catalog.rows.filter(({ match }) =>
      match.every(({ hops, failure }) => failure !== undefined || hops?.includes(givenHop) === false),
    );
    const shown = cases.flatMap(([, expected]) => expected);
    expect(byHop.map((row) => row.id).filter((id) => !shown.includes(id))).toEqual([]);
  });

  it.each([
    [{ ...check, text: 'connect to 127.0.0.1:429: Too Many Requests' }, ['T41']],
    [{ ...check, text: 'no answer from 127.0.0.1:40429: connection reset' }, ['T41']],
    [{ ...check, text: 'returned 429 tokens in 503 ms' }, ['T41']],
    [{ ...check, text: 'took 408: s' }, ['T41']],
    [{ ...check, text: 'returned code 4010' }, ['T41']],
    [{ ...check, text: 'returned code 401.5' }, ['T41']],
    [{ ...check, status: 200, failure: 'unexpected-shape', text: '404: Not Found' }, ['P4']],
    [{ hop: 'gateway-prompt-check', status: 421, text: '{"detail":"127.0.0.1:429: refused"}' }, ['P0']],
    [{ hop: 'gateway-prompt-check', status: 421, text: '{"detail":"gave up after 404: s"}' }, ['P0']],
    [{ hop: 'gateway-prompt-check', status: 421, text: '{"detail":"4290: x","port":"429: "}' }, ['P0']],
    [{ hop: 'gateway-prompt-check', status: 418, text: '{"detail":"429: Too Many Requests"}' }, ['P0']],
    [{ hop: 'model', failure: 'refused', text: 'connect ECONNREFUSED 127.0.0.1:429' }, ['P1']],
    [{ hop: 'gateway-health', failure: 'refused', text: 'connect ECONNREFUSED 10.0.0.5:5030' }, ['T2']],
  ])('takes no other number for a status: %j → %j', (part, expected) => expect(ids(part)).toEqual(expected));

  it('never calls the gateway unreachable after its health check succeeded', () => {
    const after = hops.map((one) => one.hop);
    for (const hop of after.slice(after.indexOf('gateway-health') + 1))
      for (const failure of hopFailures)
        for (const status of [null, 401, 404, 421, 500, 502, 503, 504])
          for (const text of ['', 'cannot access AI Gateway', 'connection refused', 'AI Gateway returned code 503'])
            expect(ids({ hop, failure, status, text })).not.toContain('T2');
  });

  it('shows the statuses that an answer reports', () => {
    const evidence = (part: Partial<Symptom>) => diagnose(catalog, symptom(part))[0]?.evidence;
    expect(evidence({ hop: 'gateway-prompt-check', status: 421, text: '{"detail":"404: Not Found"}' })).toEqual([
      'hop gateway-prompt-check',
      "the model server's status is reported as 404",
    ]);
    expect(evidence({ ...check, text: 'AI Gateway returned code 401' })).toEqual([
      'hop gitlab-connection-check',
      "the gateway's status is reported as 401",
    ]);
  });

  it('shows rows of higher confidence first, and rows of the same confidence in the order of the file', () => {
    const plain = { title: 'a title', cause: 'a cause', remedies: [{ steps: ['do this'] }], source: 'test' };
    const row = (id: string, confidence: string) => ({ ...plain, id, confidence, match: [{ status: [418] }] });
    const rows = [row('P3', 'low'), row('P2', 'high'), row('P4', 'medium'), row('P1', 'high')];
    const last = { ...plain, id: 'P0', confidence: 'low', match: [], fallback: true };
    const small = diagnosisCatalog.parse({ version: 1, rows: [...rows, last] });
    expect(diagnose(small, symptom({ status: 418 })).map((one) => one.id)).toEqual(['P2', 'P1', 'P4', 'P3']);
    expect(diagnose(small, symptom({ status: 417 })).map((one) => one.id)).toEqual(['P0']);
  });

  it('shows the evidence of a clock that differs', () => {
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
