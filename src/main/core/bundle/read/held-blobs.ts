import { presentLayerCount } from '../../engine/present-layers.ts';
import { ownBlobs } from '../format/attached.ts';
import type { BundleContent } from '../format/format.ts';

/** A content as far as it matters which of its blobs the other side has: config first, then the layers. */
export interface HeldContent {
  kind: BundleContent['kind'];
  name: string;
  manifest: { digest: string; sizeBytes: number };
  blobs: { digest: string; sizeBytes: number }[];
  /** Of an image: what is attached to it, which always travels. */
  attached?: { digest: string }[] | undefined;
}

/**
 * What need not be carried to someone who has these contents. Manifests and configurations always travel, so that everything can be
 * checked before anything is written. Files count wherever they are. An image's layers count from the lowest up, as far as an image of
 * the other side has the same ones: engines keep a layer as what it unpacks to on top of those below.
 */
export class HeldBlobs {
  readonly #files = new Set<string>();
  readonly #sizes = new Set<number>();
  readonly #images: string[][] = [];

  constructor(contents: readonly HeldContent[]) {
    for (const { kind, ...content } of contents) {
      const layers = ownBlobs(content).slice(1);
      if (kind === 'image') this.#images.push([...new Set(layers.map((layer) => layer.digest))]);
      else {
        for (const { digest, sizeBytes } of layers) {
          this.#files.add(digest);
          this.#sizes.add(sizeBytes);
        }
      }
    }
  }

  /** False when no file of a model or file set has that many bytes. */
  mayHaveFile(sizeBytes: number): boolean {
    return this.#sizes.has(sizeBytes);
  }

  /** Returns those of a content's layers, given in the order of its manifest, that need not be carried. */
  among(kind: BundleContent['kind'], layers: readonly string[]): Set<string> {
    if (kind !== 'image') return new Set(layers.filter((digest) => this.#files.has(digest)));
    const distinct = [...new Set(layers)];
    return new Set(distinct.slice(0, presentLayerCount(distinct, this.#images)));
  }
}
