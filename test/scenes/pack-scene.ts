import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type PackResult, packBundle } from '../../src/main/core/bundle/pack/pack-bundle.ts';
import { type PackOptions, type PreparedPack, preparePack } from '../../src/main/core/bundle/pack/prepare-pack.ts';
import { readBundleSpec } from '../../src/main/core/bundle/sources/read-bundle-spec.ts';
import type { Work } from '../../src/main/core/work.ts';
import { quietWork } from '../../src/main/core/work.ts';
import { newSigner } from './make-sources.ts';

/** A temporary folder to pack in. */
export class PackScene {
  readonly folder: string;
  readonly signer = newSigner();
  /** More lines of BUNDLE.yaml. */
  more: string[] = [];

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

  /** Plans to pack these contents (flow YAML, one a line) onto folders below the scene's. */
  async prepare(
    contents: string[],
    targets: string[],
    options: Partial<PackOptions> = {},
    work = quietWork(),
  ): Promise<PreparedPack> {
    const spec = ['bundle: 1', 'name: test', ...this.more, 'contents:', ...contents.map((one) => `  - ${one}`)].join(
      '\n',
    );
    await writeFile(this.at('BUNDLE.yaml'), spec);
    const to = targets.map((target) => resolve(this.folder, target));
    const loaded = await readBundleSpec(this.at('BUNDLE.yaml'));
    return preparePack(loaded, { overwrite: false, packs: this.at('packs'), ...options, targets: to }, work);
  }

  /** Packs these contents. */
  async pack(
    contents: string[],
    targets: string[],
    options: Partial<PackOptions> & {
      readBack?: boolean;
      head?: string;
      scan?: string;
      work?: Work;
      now?: () => Date;
    } = {},
  ): Promise<PackResult> {
    const { work = quietWork(), readBack = true, head, scan, now = () => new Date(), ...rest } = options;
    const prepared = await this.prepare(contents, targets, { ...rest, isScanned: scan !== undefined }, work);
    const workers = resolve('out/main');
    const tools = { signer: this.signer, workers, version: '0.0.0', now, readBack, head, scan };
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
