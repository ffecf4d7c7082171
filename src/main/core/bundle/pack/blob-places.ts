/** The site, among the media. */
const elsewhere = 0;

/** Which blob is on which media; grows while blobs are written. */
export class BlobPlaces {
  readonly #byKey = new Map<string, string>();
  readonly #media = new Map<string, Set<number>>();

  /** `leftOut`: blobs that the site has. They count as placed, and are on no medium. */
  constructor(leftOut: Iterable<string> = []) {
    for (const digest of leftOut) this.place(digest, elsewhere);
  }

  /** The digest (`sha256:…`) of a blob that was written. */
  digestOf(key: string): string {
    const digest = this.#byKey.get(key);
    if (!digest) throw new Error(`the blob ${key} was not written`);
    return digest;
  }

  isPlaced(digest: string): boolean {
    return this.#media.has(digest);
  }

  know(key: string, digest: string): void {
    this.#byKey.set(key, digest);
  }

  place(digest: string, ordinal: number): void {
    this.#media.set(digest, (this.#media.get(digest) ?? new Set()).add(ordinal));
  }

  /** True when all bytes of the blob are on this one medium. */
  isWhollyOn(digest: string, ordinal: number): boolean {
    const media = this.#media.get(digest);
    return media?.size === 1 && media.has(ordinal);
  }
}
