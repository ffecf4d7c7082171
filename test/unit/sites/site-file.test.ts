import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSiteFile, readSiteFile } from '../../../src/main/core/sites/read-site-file.ts';
import { siteEndpoints } from '../../../src/main/core/sites/site-endpoints.ts';
import type { AppError } from '../../../src/shared/errors/app-error.ts';
import { runSealift } from '../../run-sealift.ts';
import { goodSite, hostileSites } from '../../scenes/hostile-site-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-site-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

function refusal(text: string): AppError {
  try {
    parseSiteFile(text, '/plant/site.yaml');
  } catch (error) {
    return error as AppError;
  }
  throw new Error('it was accepted');
}

describe('a site file', () => {
  it('is accepted when valid, with defaults filled in', () => {
    expect(parseSiteFile(goodSite, 'x')).toMatchObject({
      name: 'plant',
      gateway: { host: '127.0.0.1' },
      model: { family: 'GENERAL', contextTokens: 4096, threads: 1 },
      front: { host: '127.0.0.1', port: 18_000 },
      features: ['CODE_COMPLETIONS', 'CODE_GENERATIONS'],
    });
  });

  it.each(['https://code.example/gitlab', 'https://code.example/gitlab/', 'https://code.example:8443/dev/git.lab'])(
    '50a: accepts a GitLab that is served under a path: %s',
    (url) => {
      const text = `sealift: 1
name: reports-rel
gitlab: {url: "${url}", version: "18.9"}
gateway: {kind: existing, host: 127.0.0.1, httpPort: 15052, grpcPort: 15053}
model: {engine: vllm, name: tiny32, servedName: tiny, contextTokens: 1024, image: "reports-b:1", gpu: none}
front: {host: 127.0.0.1, port: 18432}
`;
      expect(siteEndpoints(parseSiteFile(text, 'x')).gitlabUrl).toBe(url.replace(/\/$/, ''));
    },
  );

  it('is refused with all its problems at once, those of the schema and of the rules between fields', () => {
    const error = refusal(`sealift: 1
name: ""
gitlab: {url: "ftp://gitlab.example", version: "18.9"}
gateway: {kind: container, host: 10.0.0.5, httpPort: many}
model: {engine: external, name: m, servedName: m}
front: {host: "10.0.0.7:8000", clients: ["10.0.0.1/24"]}
colour: red
`);
    const { problems } = error.wire.details as { problems: { field: string }[] };
    expect(problems.map((one) => one.field)).toEqual([
      'name',
      'gitlab.url',
      'gateway.httpPort',
      'colour',
      'model.endpoint',
      'gateway.image',
      'front.host',
      'front.clients.0',
    ]);
  });

  it('reports no rule that needs a refused field', () => {
    const text = (host: string, kind: string) => `sealift: 1
name: plant
gitlab: {url: "http://127.0.0.1:8085", version: "18.9", simulated: perhaps}
gateway: {kind: ${kind}, host: ${host}}
model: {engine: external, name: m, servedName: m, endpoint: "http://10.0.0.9:8001/v1"}
`;
    const fields = (error: AppError) =>
      (error.wire.details as { problems: { field: string }[] }).problems.map((one) => one.field);
    expect(fields(refusal(text('127.0.0.1', 'simulated')))).toEqual(['gitlab.simulated']);
    expect(fields(refusal(text('127.0.0.1', 'none')))).toEqual(['gitlab.simulated', 'gateway.kind']);
  });

  it('accepts an existing gateway by its whole address, without a second one beside it', () => {
    const text = (gateway: string) => `sealift: 1
name: behind-proxy
gitlab: {url: "https://code.example", version: "18.9"}
gateway: {kind: existing, ${gateway}}
model: {engine: external, name: m, servedName: m, endpoint: "http://10.0.0.9:8001/v1"}
`;
    const site = parseSiteFile(text('url: "https://ai.example:8443/gateway/", grpcPort: 8444, grpcTls: true'), 'x');
    expect(siteEndpoints(site)).toMatchObject({
      gatewayUrl: 'https://ai.example:8443/gateway',
      agentPlatformUrl: 'ai.example:8444',
      agentPlatformTls: true,
    });
    expect(() => parseSiteFile(text('url: "https://ai.example", host: 10.0.0.5'), 'x')).toThrow('gateway.host');
    expect(() => parseSiteFile(text('url: "https://ai.example", httpPort: 5053'), 'x')).toThrow('gateway.httpPort');
    for (const url of [
      'https://ai.example/v1',
      'https://user:pass@ai.example',
      'https://ai.example/?a=b',
      'ftp://ai.example',
    ])
      expect(() => parseSiteFile(text(`url: "${url}"`), 'x')).toThrow('gateway.url');
  });

  it('says what a field expects on its own too, for a form that shows the value itself', () => {
    const { problems } = refusal(goodSite.replace('name: plant', 'name: Not A Slug')).wire.details;
    const [problem] = problems as { problem: string; expected: string }[];
    expect(problem?.expected).toBe('use lower-case letters, digits, ".", "_" and "-"');
    expect(problem?.problem).toBe(`is "Not A Slug": ${problem?.expected}`);
  });

  it.each(hostileSites)('is refused: %s', (_about, text, field, value, right) => {
    const error = refusal(text);
    expect(error.code).toBe('site.file-invalid');
    expect(error.exitCode).toBe(2);
    const problems = error.wire.details.problems as { field: string; line: number; problem: string }[];
    const about = problems.filter((one) => field === '' || one.field === field).map((one) => one.problem);
    expect(
      about.filter((problem) => problem.includes(value) && problem.includes(right)),
      error.message,
    ).not.toEqual([]);
    expect(error.message).toContain('/plant/site.yaml');
    expect(error.wire.remedies.length).toBeGreaterThan(0);
    const shown = JSON.stringify([error.message, error.wire.remedies]);
    // A hostile file's content must not reach the terminal unescaped, flood it, or reveal a password.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters in question
    expect(error.message).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/);
    expect(shown.length).toBeLessThan(10_000);
    expect(shown).not.toContain('secret-word');
  });

  it('is shown by an example of a site without stand-ins', async () => {
    const { site } = await readSiteFile('resources/examples/site.yaml');
    expect(site).toMatchObject({
      gitlab: { simulated: false },
      gateway: { kind: 'existing' },
      model: { engine: 'external' },
    });
    const home = join(folder, 'example');
    const run = await runSealift('--home', home, '--json', 'deploy', 'resources/examples/site.yaml', '--plan');
    const { simulated, steps } = run.json.data as { simulated: boolean; steps: { id: string }[] };
    expect(simulated).toBe(false);
    expect(steps.map((step) => step.id).filter((id) => id.startsWith('process.'))).toEqual([
      'process.service',
      'process.front',
    ]);
  });

  it('reports all problems at once, each with its line', () => {
    const error = refusal(`sealift: 1\nname: A\ngitlab: {url: x, version: 18.10}\ngateway: {kind: other}\n`);
    const problems = error.wire.details.problems as { field: string; line: number }[];
    expect(problems.map((one) => [one.field, one.line])).toEqual([
      ['name', 2],
      ['gitlab.url', 3],
      ['gitlab.version', 3],
      ['gateway.kind', 4],
      ['model', 1],
    ]);
  });

  it('names at most 20 of thousands of problems', () => {
    const keys = Array.from({ length: 3000 }, (_, at) => `k${at}: 1`).join('\n');
    expect((refusal(`${goodSite}${keys}`).wire.details.problems as unknown[]).length).toBe(20);
  });
});

describe('the path of a site file', () => {
  const code = (path: string) =>
    readSiteFile(path).then(
      () => 'read',
      (error: AppError) => `${error.code} ${error.exitCode} ${error.message}`,
    );

  it('a missing file, a folder, a pipe and a path below a file are named', async () => {
    const file = join(folder, 'good.yaml');
    await writeFile(file, goodSite);
    expect(await code(file)).toBe('read');
    await mkdir(join(folder, 'folder.yaml'));
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    for (const path of ['missing.yaml', 'folder.yaml', 'pipe.yaml', 'good.yaml/site.yaml'])
      expect(await code(join(folder, path))).toMatch(new RegExp(`^file.missing 2 .*${path}`));
  });

  it('a file of 10 MB is refused unread', async () => {
    const path = join(folder, 'large.yaml');
    await writeFile(path, '# large\n'.repeat(1_250_000));
    expect(await code(path)).toMatch(/^site\.file-invalid 2 .*has 10000000 bytes.*at most 65536/);
  });

  it('bytes that are not UTF-8 are refused', async () => {
    const path = join(folder, 'latin1.yaml');
    await writeFile(path, Buffer.from(goodSite.replace('plant', 'gr\xfcn'), 'latin1'));
    expect(await code(path)).toMatch(/^site\.file-invalid 2 .*is not UTF-8 text/);
  });

  it('a byte-order mark and Windows line ends do no harm', async () => {
    const path = join(folder, 'windows.yaml');
    await writeFile(path, `\ufeff${goodSite.replaceAll('\n', '\r\n')}`);
    expect(await code(path)).toBe('read');
  });
});

describe('the command line', () => {
  it('exits with 2, names the problem, and makes nothing', async () => {
    const home = join(folder, 'home');
    const path = join(folder, 'bad.yaml');
    await writeFile(path, goodSite.replace('name: plant', 'name: ../x'));
    for (const args of [
      ['deploy', path],
      ['deploy', path, '--plan'],
      ['status', path],
      ['gitlab', 'plan', path],
    ]) {
      const run = await runSealift('--home', home, '--json', ...args);
      expect(run).toMatchObject({ exitCode: 2, json: { ok: false, error: { code: 'site.file-invalid' } } });
      expect(run.json.error?.message).toContain('name: is "../x"');
    }
    await expect(readFile(join(home, 'sites'))).rejects.toThrow('ENOENT');
  });
});
