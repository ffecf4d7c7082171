import { tooBusy } from '../openai/api-error.ts';

interface Waiter {
  owner: string;
  go(): void;
  refuse(error: Error): void;
}

/**
 * Lets some requests run at once and others wait, by owner (whose key they carry): the next to run is the longest waiting one of the owner
 * who has the fewest running. So no owner waits for the queue of another.
 */
export class FairQueue {
  readonly #places: number;
  readonly #maxOpen: number;
  readonly #running = new Map<string, number>();
  readonly #waiting: Waiter[] = [];
  /** Who ran last comes last among equals. */
  #turns: string[] = [];

  constructor(places: number, maxOpen: number) {
    this.#places = places;
    this.#maxOpen = maxOpen;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when the request may run; it runs until `gone`. Throws ApiError 429 when the queue is full: for this request or, if its owner
   * has fewer requests here than another one, for that one's newest that waits. Throws the signal's reason for one that leaves.
   */
  async enter(owner: string, gone: AbortSignal): Promise<void> {
    gone.throwIfAborted();
    if (this.#total() >= this.#maxOpen) this.#makeRoom(owner);
    if (this.#countAll() < this.#places && this.#waiting.length === 0) return this.#run(owner, gone);
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#drop(waiter);
        reject(gone.reason);
      };
      const settled = (done: () => void) => {
        gone.removeEventListener('abort', leave);
        done();
      };
      const waiter: Waiter = {
        owner,
        go: () => {
          this.#run(owner, gone);
          settled(resolve);
        },
        refuse: (error) => settled(() => reject(error)),
      };
      gone.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
    });
  }

  #run(owner: string, gone: AbortSignal): void {
    this.#running.set(owner, this.#count(owner) + 1);
    this.#turns = [...this.#turns.filter((one) => one !== owner), owner];
    gone.addEventListener('abort', () => this.#ended(owner), { once: true });
  }

  #ended(owner: string): void {
    const left = this.#count(owner) - 1;
    if (left > 0) this.#running.set(owner, left);
    else this.#running.delete(owner);
    const next = this.#next();
    if (!next) return;
    this.#drop(next);
    next.go();
  }

  #next(): Waiter | undefined {
    const rank = ({ owner }: Waiter) => this.#count(owner) * 1e6 + this.#turns.indexOf(owner);
    return this.#waiting.reduce<Waiter | undefined>(
      (best, one) => (best === undefined || rank(one) < rank(best) ? one : best),
      undefined,
    );
  }

  #makeRoom(owner: string): void {
    const error = tooBusy(`The model is busy: ${this.#maxOpen} requests are already open.`);
    const heaviest = this.#waiting.reduce<Waiter | undefined>(
      (most, one) => (most === undefined || this.#open(one.owner) >= this.#open(most.owner) ? one : most),
      undefined,
    );
    // After the exchange the newcomer's owner must not be the heavier one, or they would take turns at it.
    if (!heaviest || this.#open(heaviest.owner) <= this.#open(owner) + 1) throw error;
    this.#drop(heaviest);
    heaviest.refuse(error);
  }

  #drop(waiter: Waiter): void {
    const at = this.#waiting.indexOf(waiter);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #count(owner: string): number {
    return this.#running.get(owner) ?? 0;
  }

  #open(owner: string): number {
    return this.#count(owner) + this.#waiting.filter((one) => one.owner === owner).length;
  }

  #countAll(): number {
    return [...this.#running.values()].reduce((sum, one) => sum + one, 0);
  }

  #total(): number {
    return this.#countAll() + this.#waiting.length;
  }
}
