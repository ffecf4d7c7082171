import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const { nodeRuntime } = (await import(
  new URL('../../../scripts/packaging/node-runtime.mjs', import.meta.url).href
)) as { nodeRuntime(platform: string, given: string[], temporary: string): { program: string } };
type Result = { status: string; fullName: string };

const folder = mkdtempSync(join(tmpdir(), 'sealift-packaged-node-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.skipIf(process.platform !== 'linux')('the Node of the packages unpacks zstd, whatever Node runs the tests', () => {
  const { program } = nodeRuntime(`linux-${process.arch}`, [], folder);
  const report = join(folder, 'report.json');
  // Not the project's own configuration: with another Node, it builds `out/` again, under the other tests.
  const config = join(folder, 'vitest.config.mjs');
  writeFileSync(config, `export default { test: { root: ${JSON.stringify(process.cwd())}, testTimeout: 180_000 } }`);
  const options = [`--config=${config}`, '--reporter=default', '--reporter=json', `--outputFile=${report}`];
  const run = ['node_modules/vitest/vitest.mjs', 'run', ...options, 'test/unit/bundle/inflater.test.ts'];
  const { status, stdout, stderr } = spawnSync(program, run, { encoding: 'utf8' });
  expect(status, stdout + stderr).toBe(0);
  const result = JSON.parse(readFileSync(report, 'utf8')) as { testResults: { assertionResults: Result[] }[] };
  const tests = result.testResults.flatMap((file) => file.assertionResults);
  expect(
    tests.filter((test) => test.status !== 'passed'),
    stderr,
  ).toEqual([]);
  expect(tests.map((test) => test.fullName)).toContain('zstd throws what the taker throws, in a later frame too');
});
