import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../src/main/core/engine/connect-engine.ts';
import { localImage } from './local-image.ts';

const source = fileURLToPath(new URL('./contract-server', import.meta.url));
let built: Buffer | undefined;

/** The parts that the stand-in plays. */
export type ContractPart = 'gateway' | 'vllm' | 'ollama' | 'litellm';

/** Puts a SIMULATED image that plays one part's contract into the engine; gives its local ID. `env` is baked in. */
export function contractImage(
  engine: Engine,
  reference: string,
  part: ContractPart,
  options: { env?: string[]; tools?: string[]; architecture?: string } = {},
): Promise<string> {
  built ??= build();
  const names = [part, ...(options.tools ?? ['curl'])];
  const files = Object.fromEntries(names.map((name) => [`bin/${name}`, built as Buffer]));
  return localImage(
    engine,
    reference,
    { ...files, 'tmp/.keep': Buffer.alloc(0), 'model/.keep': Buffer.alloc(0) },
    {
      Entrypoint: [`/bin/${part}`],
      Env: ['PATH=/bin', ...(options.env ?? [])],
      Labels: { 'app.sealift.simulated': 'true' },
    },
    { os: 'linux', architecture: options.architecture ?? 'amd64' },
  );
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
