import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ScriptInput, scriptDriver } from '../../../src/main/core/probe/script-driver.ts';
import { missing } from '../../needs.ts';
import { writeTree } from '../../scenes/make-sources.ts';

const input: ScriptInput = {
  endpoint: '127.0.0.1:5052',
  family: 'llama3',
  modelEndpoint: 'http://sealift-front:8000/v1',
  identifier: 'custom_openai/served',
  apiKey: 'the-key',
};
/** Prints what it was given, and how others see the process. */
const script = (...options: string[]) =>
  [
    'import argparse,json,sys',
    'def troubleshoot():',
    '    parser=argparse.ArgumentParser()',
    ...options.map((one) => `    parser.add_argument(${one})`),
    "    print(json.dumps({'given':vars(parser.parse_args()),'seen':open('/proc/self/cmdline').read()}))",
    "if __name__=='__main__': troubleshoot()",
  ].join('\n');

describe.skipIf(missing('python3'))('the program that runs the script of a gateway', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-driver-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const run = async (files: Record<string, string>, given = input) => {
    await writeTree(folder, files);
    const options = { cwd: folder, encoding: 'utf8', input: JSON.stringify(given) } as const;
    const { status, stdout, stderr } = spawnSync('python3', ['-c', scriptDriver], options);
    const json = stdout.split('\n').find((line) => line.startsWith('{'));
    const said = json && (JSON.parse(json) as { given: Record<string, string>; seen: string });
    return { status, stdout, stderr, ...(said && { given: said.given, seen: said.seen }) };
  };
  const newer = {
    'pyproject.toml':
      '[tool.poetry.scripts]\nai_gateway = "gate.server:run"\ntroubleshoot = "gate.tools:troubleshoot"\n',
    'gate/__init__.py': '',
    'gate/tools.py': script(
      '"--endpoint"',
      '"--model-family",choices=["mistral", "llama3"]',
      '"--model-endpoint"',
      '"--model-identifier"',
      '"--api-key"',
    ),
  };

  it('gives it the key where nobody else sees it', async () => {
    const { status, given, seen, stderr } = await run(newer);
    expect(status, stderr).toBe(0);
    expect(given).toEqual({
      endpoint: input.endpoint,
      model_family: 'llama3',
      model_endpoint: input.modelEndpoint,
      model_identifier: input.identifier,
      api_key: 'the-key',
    });
    expect(seen).not.toContain('the-key');
  });

  it('says which family it names for one that the script refuses', async () => {
    const { status, given, stdout } = await run(newer, { ...input, family: 'general' });
    expect(status).toBe(0);
    expect(given?.model_family).toBe('mistral');
    expect(stdout).toContain('does not know the family general');
  });

  it('runs the file of early images with the options that it has', async () => {
    const early = { 'scripts/troubleshoot_selfhosted_installation.py': script("'--model-name'", "'--model-endpoint'") };
    const { given, stderr } = await run(early, { ...input, family: 'codegemma_7b' });
    expect(given, stderr).toEqual({ model_name: 'codegemma_7b', model_endpoint: input.modelEndpoint });
  });

  it('passes on that the script failed, and says that there is none', async () => {
    expect(
      (await run({ ...newer, 'gate/tools.py': 'def troubleshoot():\n    raise RuntimeError("no")\n' })).status,
    ).toBe(1);
    expect((await run({ 'pyproject.toml': '', 'gate/tools.py': '' })).status).toBe(127);
  });
});
