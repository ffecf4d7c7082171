import type { Pipe } from '../../../shared/rpc/pipe.ts';

/**
 * Carries many pipes over one. Gives the way to open one more; the other side gets it by `opened`. Only one of the two sides may open.
 * When the carrier closes, all close; a pipe that is opened later is closed from the start.
 */
export function manyPipes(carrier: Pipe, opened: (pipe: Pipe) => void = () => undefined): () => Pipe {
  const open = new Map<number, CarriedPipe>();
  let last = 0;
  let isClosed = false;
  const add = (number: number) => {
    last = number;
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
    // A number that was seen before is of a pipe that this side has closed: what was on its way is dropped.
    if (number > last) opened(add(number));
    const pipe = open.get(number);
    if (text === '') pipe?.ended();
    else pipe?.receive(text);
  });
  return () => {
    const pipe = add(last + 1);
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

  /** A frame has no empty text: that is how the other side is told. */
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
