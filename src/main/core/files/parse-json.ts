/** Limits on the shape of a JSON document from outside. */
export interface JsonLimits {
  /** Levels of objects and lists. */
  depth: number;
  /** Members, entries and escaped quotes together. */
  values: number;
  /** True refuses an object that names a member twice: two readers of the same bytes may disagree about which one counts. */
  hasUniqueNames?: boolean;
}

/** Called for each text that is the value of a member of the outermost object, with the range of its bytes between the quotes. */
export type OnText = (name: string, start: number, end: number) => void;

/** Bytes outside texts that an honest writer needs for one value: digits, brackets and indentation. */
const plainBytesPerValue = 64;

/**
 * Parses JSON from outside. Its shape is checked in one pass before anything is built from it, so a hostile document costs little
 * time and memory. Throws `SyntaxError`, whose message is the problem.
 */
export function parseJson(bytes: Buffer, limits: JsonLimits): unknown {
  checkJsonShape(bytes, limits);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new SyntaxError('it is not JSON', { cause: error });
  }
}

/** Checks the shape only, as `parseJson` does: what passes may still not be JSON. Returns the number of values. Throws `SyntaxError`. */
export function checkJsonShape(bytes: Buffer, limits: JsonLimits, onText?: OnText): number {
  const shape = new Shape(limits);
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] !== quote) shape.byte(bytes[at] as number);
    else {
      const end = endOfText(bytes, at, shape);
      shape.text(bytes, at + 1, end, onText);
      at = end;
    }
  }
  return shape.values;
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Where names may come twice, none are kept. */
const noNames = new Set<string>();

class Shape {
  readonly #limits: JsonLimits;
  /** For each open level: the names so far of an object, undefined for a list. */
  readonly #levels: (Set<string> | undefined)[] = [];
  #values = 0;
  #plainBytes = 0;
  #isNameNext = false;
  #name = '';

  constructor(limits: JsonLimits) {
    this.#limits = limits;
  }

  get values(): number {
    return this.#values;
  }

  byte(byte: number): void {
    this.#plainBytes += 1;
    if (this.#plainBytes > plainBytesPerValue * this.#limits.values) throw new SyntaxError('it is mostly not text');
    if (byte === openObject || byte === openList) this.#open(byte === openObject);
    else if (byte === closeObject || byte === closeList) {
      this.#levels.pop();
      this.#isNameNext = false;
    } else if (byte === comma) {
      this.count();
      this.#isNameNext = this.#levels.at(-1) !== undefined;
    } else if (byte === colon) this.#isNameNext = false;
  }

  count(): void {
    this.#values += 1;
    if (this.#values > this.#limits.values) throw new SyntaxError(`it has more than ${this.#limits.values} values`);
  }

  text(bytes: Buffer, start: number, end: number, onText: OnText | undefined): void {
    if (!this.#isNameNext) {
      if (this.#levels.length === 1 && this.#levels[0]) onText?.(this.#name, start, end);
      return;
    }
    this.#isNameNext = false;
    if (end - start > 10_000) throw new SyntaxError('it has a member with an endless name');
    if (!this.#limits.hasUniqueNames && !onText) return;
    this.#name = nameIn(bytes.subarray(start - 1, end + 1));
    const names = this.#levels.at(-1);
    if (this.#limits.hasUniqueNames && names?.has(this.#name)) {
      throw new SyntaxError(`it names ${JSON.stringify(this.#name.slice(0, 100))} twice`);
    }
    if (this.#limits.hasUniqueNames) names?.add(this.#name);
  }

  #open(isObject: boolean): void {
    this.#levels.push(isObject ? this.#namesOfNext() : undefined);
    if (this.#levels.length > this.#limits.depth) {
      throw new SyntaxError(`it is nested more than ${this.#limits.depth} levels deep`);
    }
    this.count();
    this.#isNameNext = isObject;
  }

  #namesOfNext(): Set<string> {
    return this.#limits.hasUniqueNames ? new Set() : noNames;
  }
}

/** A name with its escapes resolved, since `"\u0061"` and `"a"` are one name. */
function nameIn(quoted: Buffer): string {
  const text = quoted.toString('utf8');
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return String(JSON.parse(text));
  } catch (error) {
    throw new SyntaxError('it is not JSON', { cause: error });
  }
}

/** Returns where the text that starts at `start` has its closing quote. */
function endOfText(bytes: Buffer, start: number, shape: Shape): number {
  for (let from = start + 1; ; ) {
    const end = bytes.indexOf(quote, from);
    if (end === -1) throw new SyntaxError('it is not JSON');
    let slashes = 0;
    while (end - slashes > from && bytes[end - 1 - slashes] === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
    shape.count();
    from = end + 1;
  }
}
