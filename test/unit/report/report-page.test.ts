import { describe, expect, it } from 'vitest';
import type { ReportData } from '../../../src/main/core/report/report-data.ts';
import { reportPage } from '../../../src/main/core/report/report-page.ts';
import { hangFindings } from '../../../src/main/core/site/status/hang-findings.ts';
import { containerSite } from '../../scenes/container-site.ts';
import { goodMachine } from '../../scenes/machines.ts';

const [at, later] = ['2026-05-01T09:00:00.000Z', '2026-05-02T09:00:00.000Z'];
const deploy = { site: 'lab', deployedAt: at, parts: [], files: [], secrets: [], steps: [], simulated: false };
const hop = {
  title: 'Model',
  ok: true,
  skipped: false,
  status: 200,
  latencyMs: 1,
  correlationId: null,
  simulated: false,
};
const probe = {
  site: 'lab',
  simulated: false,
  hops: [{ ...hop, hop: 'model' }],
  causes: [],
  notChecked: [],
  at,
  deployedAt: at,
};
const gitlab = {
  site: 'lab',
  gitlabUrl: 'https://gitlab.example',
  gitlabVersion: '18.9.0',
  era: '18.9',
  simulated: false,
  applied: [],
  notes: [],
  at,
  deployedAt: at,
};
const brought = {
  version: 1 as const,
  bundle: { id: 'b1', name: 'spring', headSha256: 'aa', created: at, toolVersion: '1' },
  media: [],
  signature: { keyId: 'ab', trust: 'trusted' as const },
  models: [],
  files: [],
  images: [],
  startedAt: at,
  endedAt: at,
  bytesRead: 1,
  bytesWritten: 1,
  resumedBytes: 0,
  signerWords: 'acorn cherry',
  trustedAs: 'HQ',
};
const data = {
  kind: 'sealift.report',
  version: 1,
  createdAt: at,
  toolVersion: '1',
  site: containerSite({ gitlab: { url: 'https://10.0.0.4' } }),
  standIns: [],
  overrides: [],
  readiness: {
    kind: 'sealift.readiness',
    version: 1,
    createdAt: at,
    toolVersion: '1',
    machine: goodMachine(),
    findings: [],
  },
  imports: [brought],
  hangs: [],
  prompts: { stableTags: false, engines: [] },
  deploy,
  gitlab,
  probe,
  acceptance: null,
  key: { fingerprint: 'ab', words: 'acorn' },
} satisfies Record<keyof ReportData, unknown> as unknown as ReportData;

const shown = (change: object) =>
  reportPage({ ...data, ...change })
    .replace(/<style.*?<\/style>/s, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the page of a report', () => {
  it('says that every hop answered when the probe was of this deployment, and when it was', () => {
    const page = shown({});
    expect(page).toContain('Each of the 1 hops from the model to GitLab answered a real request.');
    expect(page).toContain('Probe At 2026-05-01 09:00 UTC');
    expect(page).not.toMatch(/outdated|▲ attention/);
  });

  it('shows times for people, with the exact time for programs', () => {
    const page = reportPage(data);
    const tag = `<time datetime="${at}">2026-05-01 09:00 UTC</time>`;
    expect(page.replaceAll(tag, '')).not.toContain(at);
    expect(page).toContain(`by Sealift 1 at ${tag}`);
  });

  it.each([
    ['https://10.0.0.4', 'badge">PRIVATE ADDRESSES'],
    ['https://gitlab.com', 'badge red">LEAVES YOUR NETWORK'],
    ['https://gitlab.example', 'badge amber">NETWORK UNKNOWN'],
  ])('colours the mark of a site with GitLab at %s by what it means', (url, mark) => {
    const site = containerSite({ gitlab: { url } });
    const page = reportPage({ ...data, site, standIns: ['GitLab'] });
    expect(page).toContain(`<span class="${mark}</span><span class="badge amber">SIMULATED</span></header>`);
  });

  it.each(['https://gitlab.example', 'https://100.64.0.9', 'https://169.254.1.1'])(
    'says of %s that an address or a name does not show where it leads',
    (url) => {
      const page = reportPage({ ...data, site: containerSite({ gitlab: { url } }) });
      expect(page).toContain('An address or a name here does not show whether it is inside the network');
    },
  );

  it('claims nothing by a probe, or by settings, of an earlier deployment', () => {
    const page = shown({ deploy: { ...deploy, deployedAt: later } });
    expect(page).toContain('NOT PROBED in its current state: lab was redeployed after its last probe.');
    expect(page).not.toContain('answered a real request');
    expect(page.match(/▲ outdated: the site was redeployed since/g)).toHaveLength(2);
    expect(shown({ probe: { ...probe, deployedAt: undefined } })).toContain('NOT PROBED in its current state');
  });

  describe('shows the acceptance set', () => {
    const feature = {
      feature: 'CODE_COMPLETIONS',
      tasks: 4,
      passed: 3,
      passPercent: 75,
      reached: true,
      firstTokenMs: 120,
    };
    const acceptance = {
      site: 'lab',
      at,
      deployedAt: at,
      served: { engine: 'vllm', name: 'm', servedName: 'm', contextTokens: 4096 },
      features: [feature],
      tasks: [],
      findings: [],
    };

    it('in amber when it never ran', () => {
      expect(reportPage(data)).toContain('<section class="finding amber"><h3>The acceptance set never ran</h3>');
      expect(shown({ acceptance: undefined })).toContain('never ran');
    });

    it('in green only where the aim was reached by this deployment of a real model', () => {
      const good = shown({ acceptance });
      expect(good).toContain('● reached Code completion 3 of 4 75 % 120 ms not measured');
      expect(good).toContain('▲ not measured Code generation');
      for (const change of [
        { simulated: 'a stand-in' },
        { features: [{ ...feature, reached: false }] },
        { deployedAt: later },
      ])
        expect(shown({ acceptance: { ...acceptance, ...change } })).not.toContain('● reached');
    });

    it('in amber where tasks got no answer', () => {
      const page = shown({ acceptance: { ...acceptance, features: [{ ...feature, reached: false, unanswered: 1 }] } });
      expect(page).toContain('▲ not measured Code completion');
      expect(page).not.toContain('too low');
    });

    it('with what got worse since the run before', () => {
      const change = { what: 'Chat, speed', before: '9 tokens/s', after: '4 tokens/s' };
      const comparison = { beforeAt: at, changed: [], worse: [change], better: [] };
      expect(shown({ acceptance: { ...acceptance, comparison } })).toContain(
        'Worse: Chat, speed: 9 tokens/s → 4 tokens/s',
      );
    });
  });

  it('shows which parts hung and were restarted, when and how often', () => {
    const state = { parts: [], modelHangs: { times: 2, lastAt: at, lastSign: 'sent nothing for 700 s' } };
    const page = shown({ hangs: hangFindings('lab', state) });
    expect(page).toContain('model hung and was restarted 2 times, last at 2026-05-01 09:00 UTC');
    expect(page).toContain('It sent nothing for 700 s.');
  });

  it('shows how much of their prompts the engines computed, and whether tags are stable', () => {
    expect(shown({})).toContain('Stable tags are off');
    expect(shown({})).toContain('No model server here reports how many prompt tokens it computed.');
    const engines = [{ part: 'model', tokens: 20_000, computedTokens: 5_000 }];
    const page = shown({ prompts: { stableTags: true, engines } });
    expect(page).toContain('Stable tags are on');
    expect(page).toContain('model 20,000 5,000 75 %');
    expect(shown({ prompts: undefined })).not.toContain('Stable tags');
  });

  it('shows what makes the answers doubtful, and what was not asked', () => {
    const finding = { id: 'x', severity: 'amber', title: 'The site file was changed', remedies: [] };
    const notChecked = [{ hop: 'gateway-grpc', title: 'Agent Platform', reason: 'no such service' }];
    const page = shown({ probe: { ...probe, findings: [finding], notChecked } });
    expect(page).toContain('The site file was changed');
    expect(page).toContain('Not checked: Agent Platform: no such service');
  });

  it('shows no green mark for a key that is not trusted any more, and what was left out', () => {
    expect(shown({})).toContain('● done Signed by acorn cherry , trusted as “HQ”');
    const leftOut = [{ kind: 'image', name: 'vllm:1', digest: 'd', reason: 'there is no engine' }];
    const trustLost = { severity: 'amber', why: 'no longer trusted' };
    const page = shown({ imports: [{ ...brought, trustedAs: null, trustLost, leftOut }] });
    expect(page).toContain(
      '▲ attention Signed by acorn cherry , a key that was trusted at import but is no longer trusted',
    );
    expect(page).not.toContain('● done Signed by');
    expect(page).toContain('Not imported: image vllm:1 (there is no engine)');
  });

  it('says who vouches for a scan: no one, if no trusted key signed the bundle, or if the key lost its trust', () => {
    const scan = { command: 'clamscan -r', endedAt: at, output: [] };
    const scanned = { ...brought, bundle: { ...brought.bundle, scan } };
    expect(shown({ imports: [scanned] })).not.toContain('▲ attention');
    expect(shown({ imports: [scanned] })).toContain('exit code 0');
    expect(shown({ imports: [scanned] })).not.toContain('nothing found');
    const overridden = { keyId: '', trust: 'overridden' as const, overrideReason: 'a test' };
    expect(shown({ imports: [{ ...scanned, signature: overridden }] })).toMatch(
      /▲ attention [^▲]*clamscan -r[^▲]*no trusted key signed/,
    );
    const trustLost = { severity: 'red' as const, why: 'revoked' };
    expect(shown({ imports: [{ ...scanned, trustLost }] })).toMatch(/▲ attention [^▲]*clamscan -r/);
  });

  it('shows no green mark for a second key that is not trusted any more', () => {
    const signature = { ...brought.signature, secondKeyId: 'cd' };
    expect(shown({ imports: [{ ...brought, signature }] })).toContain('● done Signed by a second person too');
    const secondTrustLost = { severity: 'red' as const, why: 'revoked 2026-11-01' };
    const page = shown({ imports: [{ ...brought, signature, secondTrustLost }] });
    expect(page).toContain(
      '■ attention Signed by a second person too, with a key that was trusted at import but is revoked',
    );
    expect(page).not.toContain('● done Signed by a second person');
  });

  it('says why a model was packed that no engine can load', () => {
    const packedAnyway = { reason: 'converted on site', problem: 'it lacks a tokenizer' };
    const model = { name: 'odd', path: '/store/odd', manifestDigest: 'd', files: [], packedAnyway };
    const page = shown({ imports: [{ ...brought, models: [model] }] });
    expect(page).toContain('▲ attention Model odd was packed although no engine can load it as it is.');
    expect(page).toContain('Reason: converted on site. Found when packing: it lacks a tokenizer');
  });

  it('claims of the network only what the addresses say', () => {
    const page = shown({});
    expect(page).not.toMatch(/air.gapped/i);
    expect(page).toContain('Whether that network has internet access was not measured');
  });
});
