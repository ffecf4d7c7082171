import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type PackResult, packBundle } from '../../src/main/core/bundle/pack-bundle.ts';
import { type PackOptions, preparePack } from '../../src/main/core/bundle/pack-prepare.ts';
import { readBundleSpec } from '../../src/main/core/bundle/pack-spec.ts';
import type { Work } from '../../src/main/core/jobs/work.ts';
import { quietWork } from '../../src/main/core/jobs/work.ts';
import { newSigner } from './make-sources.ts';

/** A temporary folder to pack in. */
export class PackScene {
  readonly folder: string;
  readonly signer = newSigner();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<PackScene> {
    return new PackScene(await mkdtemp(join(tmpdir(), 'sealift-pack-')));
  }

  at(...names: string[]): string {
    return join(this.folder, ...names);
  }

  async makeFolder(name: string): Promise<string> {
    await mkdir(this.at(name), { recursive: true });
    return this.at(name);
  }

  /** Packs these contents (flow YAML, one a line) onto folders below the scene's. */
  async pack(
    contents: string[],
    targets: string[],
    options: Partial<PackOptions> & { readBack?: boolean; head?: string; work?: Work; now?: () => Date } = {},
  ): Promise<PackResult> {
    const spec = ['bundle: 1', 'name: test', 'contents:', ...contents.map((one) => `  - ${one}`)].join('\n');
    await writeFile(this.at('BUNDLE.yaml'), spec);
    const { work = quietWork(), readBack = true, head, now = () => new Date(), ...rest } = options;
    const to = targets.map((target) => resolve(this.folder, target));
    const loaded = await readBundleSpec(this.at('BUNDLE.yaml'));
    const prepared = await preparePack(loaded, { overwrite: false, ...rest, targets: to }, work);
    const workers = resolve('out/main');
    const tools = { signer: this.signer, workers, version: '0.0.0', now, readBack, head };
    return packBundle(prepared, tools, work);
  }

  /** The error code of packing that must fail. */
  async refusal(
    contents: string[],
    targets: string[],
    options: Parameters<PackScene['pack']>[2] = {},
  ): Promise<string> {
    return this.pack(contents, targets, options).then(
      () => 'packed',
      (error) => error.code ?? String(error),
    );
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
