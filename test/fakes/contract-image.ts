import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../src/main/core/engine/connect-engine.ts';
import { localImage } from '../scenes/local-image.ts';

const source = fileURLToPath(new URL('./contract-server', import.meta.url));
let built: Buffer | undefined;
let curl: Record<string, Buffer> | undefined;

/** The parts that the stand-in plays. */
export type ContractPart = 'gateway' | 'vllm' | 'ollama' | 'litellm' | 'proxy';

/** Puts a SIMULATED image that plays one part's contract into the engine; gives its local ID. `env` is baked in; curl is this machine's. */
export function contractImage(
  engine: Engine,
  reference: string,
  part: ContractPart,
  options: { env?: string[]; hasCurl?: boolean; hasScript?: boolean; architecture?: string } = {},
): Promise<string> {
  const { files, config } = contractContent(part, options);
  return localImage(engine, reference, files, config, { os: 'linux', architecture: options.architecture ?? 'amd64' });
}

/** What a SIMULATED image that plays one part's contract is made of. */
export function contractContent(
  part: ContractPart,
  options: { env?: string[]; hasCurl?: boolean; hasScript?: boolean } = {},
): { files: Record<string, Buffer>; config: Record<string, unknown> } {
  built ??= build();
  curl ??= programFiles('curl');
  return {
    files: {
      ...(options.hasCurl === false ? {} : curl),
      [`bin/${part}`]: built,
      ...(part === 'gateway' ? programFiles('timeout') : {}),
      ...(part === 'gateway' && options.hasScript !== false ? { 'bin/poetry': built } : {}),
      'tmp/.keep': Buffer.alloc(0),
      'model/.keep': Buffer.alloc(0),
    },
    config: {
      Entrypoint: [`/bin/${part}`],
      Env: ['PATH=/bin:/usr/bin', ...(options.env ?? [])],
      Labels: { 'app.sealift.simulated': 'true' },
    },
  };
}

function build(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-contract-'));
  try {
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
    execFileSync('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(folder, 'part'), '.'], {
      cwd: source,
      env,
    });
    return readFileSync(join(folder, 'part'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A program of this machine and the libraries that it loads, by their paths in an image. */
export function programFiles(name: string): Record<string, Buffer> {
  const path = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
  const libraries = execFileSync('ldd', [path], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
  return Object.fromEntries([path, ...libraries].map((one) => [one.slice(1), readFileSync(one)]));
}
