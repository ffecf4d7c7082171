import type { Pipe } from '../../../shared/rpc/pipe.ts';

/**
 * Carries many pipes over one. Returns a function that opens another pipe; the other side receives it through `opened`. Only one side may open pipes.
 * If the carrier closes, all pipes close, and later ones are closed from the start.
 */
export function manyPipes(carrier: Pipe, opened: (pipe: Pipe) => void = () => undefined): () => Pipe {
  const open = new Map<number, CarriedPipe>();
  const known = new Set<number>();
  let last = 0;
  let isClosed = false;
  const add = (number: number) => {
    known.add(number);
    const pipe = new CarriedPipe(
      (text) => carrier.send(`${number} ${text}`),
      () => open.delete(number),
    );
    open.set(number, pipe);
    return pipe;
  };
  carrier.onClose(() => {
    isClosed = true;
    for (const pipe of [...open.values()]) pipe.ended();
  });
  carrier.onFrame((line) => {
    const at = line.indexOf(' ');
    const number = Number(line.slice(0, at));
    const text = line.slice(at + 1);
    // Pipes may speak in another order than they were opened. A known one that is not open was closed by this side: its frames still in
    // transit are dropped.
    if (number > 0 && !known.has(number)) opened(add(number));
    const pipe = open.get(number);
    if (text === '') pipe?.ended();
    else pipe?.receive(text);
  });
  return () => {
    last += 1;
    const pipe = add(last);
    if (isClosed) pipe.ended();
    return pipe;
  };
}

class CarriedPipe implements Pipe {
  readonly #closers: (() => void)[] = [];
  readonly #receivers: ((text: string) => void)[] = [];
  readonly #carry: (text: string) => void | Promise<void>;
  readonly #gone: () => void;
  #isEnded = false;

  constructor(carry: (text: string) => void | Promise<void>, gone: () => void) {
    this.#carry = carry;
    this.#gone = gone;
  }

  async send(text: string): Promise<void> {
    if (!this.#isEnded) await this.#carry(text);
  }

  onFrame(receive: (text: string) => void): void {
    this.#receivers.push(receive);
  }

  onClose(closed: () => void): void {
    if (this.#isEnded) queueMicrotask(closed);
    else this.#closers.push(closed);
  }

  /** Tells the other side by an empty text, which no frame is. */
  close(): void {
    if (this.#isEnded) return;
    void this.#carry('');
    this.ended();
  }

  receive(text: string): void {
    for (const one of this.#receivers) one(text);
  }

  ended(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#gone();
    for (const closed of this.#closers.splice(0)) closed();
  }
}
