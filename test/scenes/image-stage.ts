import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { type PackResult, packBundle } from '../../src/main/core/bundle/pack/pack-bundle.ts';
import { type PackOptions, preparePack } from '../../src/main/core/bundle/pack/prepare-pack.ts';
import { readBundleSpec } from '../../src/main/core/bundle/sources/read-bundle-spec.ts';
import type { Engine } from '../../src/main/core/engine/connect-engine.ts';
import { readAnswer } from '../../src/main/core/engine/read-answer.ts';
import { importBundle } from '../../src/main/core/import/import-bundle.ts';
import { fingerprintToWords } from '../../src/main/core/signing/fingerprint.ts';
import { trustKey } from '../../src/main/core/signing/trust.ts';
import { quietWork, type Work } from '../../src/main/core/work.ts';
import { hexOf } from '../../src/shared/digest.ts';
import { builtWorkers } from '../run-sealift.ts';
import { newSigner, ociLayout, writeTree } from './make-sources.ts';
import type { SmallImage } from './small-image.ts';

/** Every name that a test file puts into an engine begins so; each file has its own. */
export const imagePrefix = `sealift-img-test-${randomBytes(4).toString('hex')}`;

/** A folder with a home that trusts the packing key; packs images and imports them. */
export class ImageStage {
  readonly folder: string;
  readonly signer = newSigner();

  readonly home: string;

  private constructor(folder: string, home: string) {
    this.folder = folder;
    this.home = home;
  }

  /** `home`: the data folder to import into, when it is not in the stage's own. */
  static async open(home?: string): Promise<ImageStage> {
    const folder = await mkdtemp(join(tmpdir(), 'sealift-img-test-'));
    const stage = new ImageStage(folder, home ?? join(folder, 'home'));
    const fingerprint = fingerprintToWords(stage.signer.keyId);
    await trustKey(join(stage.home, 'trust.json'), { fingerprint }, { now: new Date() });
    return stage;
  }

  get store(): string {
    return join(this.home, 'store');
  }

  at(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Writes an image as an OCI layout; gives its line for `pack`. */
  async layout(name: string, reference: string, image: SmallImage): Promise<string> {
    const layers = image.layers.map((layer) => layer.bytes);
    const files = ociLayout([{ image: { config: image.config.bytes, layers, manifest: image.manifest.bytes } }]);
    await writeTree(this.at(name), files);
    return `{kind: image, path: ${name}, reference: "${reference}"}`;
  }

  /** Packs contents (flow YAML, one a line) onto media below the folder. */
  async pack(
    contents: string[],
    media: string[],
    options: Partial<Pick<PackOptions, 'mediumBytes' | 'partBytes' | 'overwrite' | 'base'>> & { work?: Work } = {},
  ): Promise<PackResult> {
    const { work = quietWork(), ...rest } = options;
    const spec = ['bundle: 1', 'name: test', 'contents:', ...contents.map((one) => `  - ${one}`)].join('\n');
    await writeFile(this.at('BUNDLE.yaml'), spec);
    for (const medium of media) await mkdir(this.at(medium), { recursive: true });
    const targets = media.map((medium) => this.at(medium));
    const loaded = await readBundleSpec(this.at('BUNDLE.yaml'));
    const prepared = await preparePack(
      loaded,
      { overwrite: false, packs: join(this.home, 'packs'), ...rest, targets },
      work,
    );
    const { signer } = this;
    const tools = { signer, workers: builtWorkers, version: '0.0.0', now: () => new Date(), readBack: false };
    return packBundle(prepared, tools, work);
  }

  /** Imports from media below the folder. */
  import(media: string[], options: { engine?: string; work?: Work } = {}) {
    const { work = quietWork(), engine } = options;
    const dirs = media.map((medium) => this.at(medium));
    const trustFile = join(this.home, 'trust.json');
    const input = { dirs, store: this.store, trustFile, workers: builtWorkers, engine, now: () => new Date() };
    return importBundle(input, work);
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/**
 * What an engine shows of these images and of this file's names: tags, digests, checkpoints. Other tests may use the engine at the
 * same time.
 */
export async function tracesOf(engine: Engine, ...made: SmallImage[]): Promise<string[]> {
  const found = await engine.docker.listImages({ all: true });
  const ids = made.map((image) => image.config.digest);
  const checkpointed = made.map((image) => image.manifest.digest);
  return found
    .flatMap(({ Id, RepoTags, RepoDigests, Labels }) => {
      const names = [...(RepoTags ?? []), ...(RepoDigests ?? [])];
      if (checkpointed.includes(Labels?.['app.sealift.import'] ?? '')) return [`checkpoint ${Id}`];
      // A name that we gave is of interest whatever image has it.
      return ids.includes(Id) ? names : names.filter((name) => name.startsWith(imagePrefix));
    })
    .filter((name) => !name.startsWith('<none>'))
    .sort();
}

/** Removes what tests left in an engine. */
export async function removeTraces(engine: Engine, ...made: SmallImage[]): Promise<void> {
  for (const name of await tracesOf(engine, ...made)) {
    await engine.docker
      .getImage(name.replace(/^checkpoint /, ''))
      .remove({ force: true })
      .catch(() => undefined);
  }
}

/** Puts an image into an engine without any of what brings a bundle's images there. */
export async function putImage(engine: Engine, reference: string, image: SmallImage): Promise<void> {
  const tar = pack();
  const config = `${hexOf(image.config.digest)}.json`;
  const layers = image.layers.map((layer) => ({ name: `${hexOf(layer.digest)}/layer.tar`, bytes: layer.bytes }));
  const index = [{ Config: config, RepoTags: [reference], Layers: layers.map(({ name }) => name) }];
  tar.entry({ name: 'manifest.json' }, JSON.stringify(index));
  tar.entry({ name: config }, image.config.bytes);
  for (const { name, bytes } of layers) tar.entry({ name }, bytes);
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  const answer = await engine.docker.loadImage(Readable.from([Buffer.concat(pieces)]), { quiet: true });
  await readAnswer(answer, new AbortController().signal);
}
