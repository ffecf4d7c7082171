import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ReportData, reportData } from '../../../src/main/core/report/report-data.ts';
import { writeReport } from '../../../src/main/core/report/write-report.ts';
import { ensureKey } from '../../../src/main/core/signing/keys.ts';
import { runHere } from '../../run-here.ts';
import { runSealift } from '../../run-sealift.ts';

const names = ['report.html', 'report.json', 'report.dsse.json'] as const;
let folder = '';
let home: string[] = [];
/** What verifying the whole report ends with: this machine may have red findings. */
let exitCode = 0;
const good = new Map<string, Buffer>();
const withSeverity = (data: ReportData) => ({
  ...data,
  readiness: { ...data.readiness, findings: [{ id: 'x', severity: 'black', title: 'X', remedies: [] }] },
});
const report = () => join(folder, 'copy');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-report-'));
  home = ['--home', join(folder, 'home'), '--json'];
  const rehearsed = await runSealift(...home, 'rehearse', '--no-docker');
  expect(rehearsed.exitCode, rehearsed.stderr).toBe(0);
  for (const name of names) good.set(name, await readFile(join(folder, 'home', 'rehearsal', 'report', name)));
  await mkdir(report());
  const { readiness } = reportData.parse(JSON.parse(String(good.get('report.json'))));
  exitCode = readiness.findings.some((one) => one.severity === 'red') ? 1 : 0;
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  for (const [name, bytes] of good) await writeFile(join(report(), name), bytes);
});

describe('report verify', () => {
  it('is green on what was written, from the folder or any of its files', async () => {
    for (const path of [report(), join(report(), 'report.html')]) {
      expect(await runHere(...home, 'report', 'verify', path)).toMatchObject({
        exitCode,
        json: { data: { isGood: true, isRed: exitCode === 1 } },
      });
    }
  });

  it('is authentic and red on a signed report of a failed probe', async () => {
    const data = reportData.parse(JSON.parse(String(good.get('report.json'))));
    const signer = await ensureKey(join(folder, 'home', 'keys'), 'site');
    const failed = { ...data, probe: data.probe && { ...data.probe, firstRed: 'front' } };
    await writeReport(join(folder, 'failed'), failed, signer);
    const run = await runHere(...home, 'report', 'verify', join(folder, 'failed'));
    expect(run).toMatchObject({ exitCode: 1, json: { data: { isGood: true, isRed: true } } });
  });

  it.each([
    ['of a later version', (data: ReportData) => ({ ...data, version: 2 })],
    ['with a severity that it does not know', withSeverity],
    ['with more values than it reads', (data: ReportData) => ({ ...data, more: Array(1_000_001).fill(0) })],
  ])('is not green on a signed report %s', async (_, changed) => {
    const data = reportData.parse(JSON.parse(String(good.get('report.json'))));
    const fine = { ...data, readiness: { ...data.readiness, findings: [] } };
    const signer = await ensureKey(join(folder, 'home', 'keys'), 'site');
    await writeReport(join(folder, 'unread'), changed(fine) as ReportData, signer);
    const run = await runHere(...home, 'report', 'verify', join(folder, 'unread'));
    expect(run).toMatchObject({
      exitCode: 1,
      json: { data: { isGood: true, isRed: false, unjudged: ['report.json'] } },
    });
  });

  it('verifies no unsigned file, although signed ones are next to it', async () => {
    await writeFile(join(report(), 'forged.html'), 'All hops answered.');
    const forged = await runHere(...home, 'report', 'verify', join(report(), 'forged.html'));
    expect(forged).toMatchObject({ exitCode: 2, json: { error: { code: 'report.not-a-report' } } });
    await rm(join(report(), 'forged.html'));
    expect((await runHere(...home, 'report', 'verify', join(report(), 'report.dsse.json'))).exitCode).toBe(exitCode);
  });

  it('is red after one changed byte, wherever it is', async () => {
    for (const name of names) {
      const bytes = Buffer.from(good.get(name) ?? '');
      for (const at of [0, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2), bytes.length - 3]) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        await writeFile(join(report(), name), changed);
        const run = await runHere(...home, 'report', 'verify', report());
        expect(run.exitCode, `${name} at ${at}`).not.toBe(0);
        expect(run.json.data, `${name} at ${at}`).not.toMatchObject({ isGood: true });
      }
      await writeFile(join(report(), name), bytes);
    }
  });

  it('is red when a file is missing', async () => {
    await rm(join(report(), 'report.json'));
    const { exitCode, json } = await runHere(...home, 'report', 'verify', report());
    expect(exitCode).toBe(1);
    expect(JSON.stringify(json)).toContain('it is missing');
  });

  it('is red for someone who trusts no key, and green once the key is trusted', async () => {
    const other = ['--home', join(folder, 'other'), '--json'];
    const unknown = await runHere(...other, 'report', 'verify', report());
    expect(unknown).toMatchObject({ exitCode: 1, json: { data: { signature: { by: 'unknown' } } } });
    expect(JSON.stringify(unknown.json.data)).toContain('key show site');
    const said = await runHere(...other.filter((word) => word !== '--json'), 'report', 'verify', report());
    expect(said.stdout).toMatch(/What to do:\n[\s\S]*key trust WORD/);
    const { keyId } = (unknown.json.data as { signature: { keyId: string } }).signature;
    await runHere(...other, 'key', 'trust', keyId);
    expect(await runHere(...other, 'report', 'verify', report())).toMatchObject({
      exitCode,
      json: { data: { isGood: true, signature: { by: 'trusted' } } },
    });
  });

  it.each([
    ['an empty folder', undefined, 'report.not-a-report', 2],
    ['a file that is no signature', (): string => '{}', 'report.not-a-report', 2],
    ['a signature that is no JSON', (): string => 'x', 'report.not-a-report', 2],
    ['a signature of 1 MB', () => 'x'.repeat(1e6), 'file.too-large', 3],
    ['an envelope of another kind', otherKind, 'report.not-a-report', 2],
  ] as const)('refuses %s', async (_what, signature, code, exitCode) => {
    const empty = join(folder, 'empty');
    await mkdir(empty, { recursive: true });
    if (signature) await writeFile(join(report(), 'report.dsse.json'), signature());
    const run = await runHere(...home, 'report', 'verify', signature ? report() : empty);
    expect(run.json.error?.code).toBe(code);
    expect(run.exitCode).toBe(exitCode);
  });
});

function otherKind(): string {
  const envelope = JSON.parse(String(good.get('report.dsse.json'))) as { payloadType: string };
  return JSON.stringify({ ...envelope, payloadType: 'application/vnd.sealift.medium.v1+json' });
}

describe('report', () => {
  it('refuses a site that was never deployed here', async () => {
    const file = join(folder, 'site.yaml');
    const text = [
      'sealift: 1',
      'name: nowhere',
      'gitlab: { url: http://10.0.0.1, version: "18.9" }',
      'gateway: { kind: existing, host: 10.0.0.2 }',
      'model: { engine: external, name: m, servedName: m, endpoint: http://10.0.0.3:8000/v1 }',
    ];
    await writeFile(file, text.join('\n'));
    const run = await runHere(...home, 'report', file, '--out', join(folder, 'out'));
    expect(run).toMatchObject({ exitCode: 2, json: { error: { code: 'report.no-site' } } });
  });
});
