/** Takes one of the free slots, the first being the one that was freed longest ago. */
export type ChooseSlot<S> = (free: readonly S[]) => S;

interface Waiter<S> {
  owner: string;
  choose: ChooseSlot<S>;
  give(slot: S): void;
  refuse(): void;
}

/**
 * Slots for work that may run at once, and a bounded queue before them, by owner (whose key a request carries): the next is the longest
 * waiting one of the owner who has the fewest slots. So no owner waits for the queue of another.
 */
export class SlotPool<S> {
  readonly #free: S[];
  readonly #holders = new Map<S, string>();
  readonly #waiting: Waiter<S>[] = [];
  readonly #maxWaiting: number;
  /** Who had a slot last comes last among equals. */
  #turns: string[] = [];

  constructor(slots: readonly S[], maxWaiting: number) {
    this.#free = [...slots];
    this.#maxWaiting = maxWaiting;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Waits for a slot. When the queue is full one gets `undefined`: this one or, if its owner has fewer requests here than another, the
   * newest of that one that waits. An aborted wait leaves the queue and rejects with the signal's reason.
   */
  async acquire(owner: string, choose: ChooseSlot<S>, signal: AbortSignal): Promise<S | undefined> {
    signal.throwIfAborted();
    if (this.#free.length > 0) return this.#take(owner, choose);
    if (this.#waiting.length >= this.#maxWaiting && !this.#makeRoom(owner)) return undefined;
    return new Promise<S | undefined>((resolve, reject) => {
      const settled = (slot: S | undefined) => {
        signal.removeEventListener('abort', leave);
        resolve(slot);
      };
      const waiter: Waiter<S> = { owner, choose, give: settled, refuse: () => settled(undefined) };
      const leave = () => {
        this.#drop(waiter);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
    });
  }

  /** Returns a slot; whose turn it is gets it. */
  release(slot: S): void {
    this.#holders.delete(slot);
    this.#free.push(slot);
    const next = this.#next();
    if (!next) return;
    this.#drop(next);
    next.give(this.#take(next.owner, next.choose));
  }

  #take(owner: string, choose: ChooseSlot<S>): S {
    const slot = choose(this.#free);
    this.#free.splice(this.#free.indexOf(slot), 1);
    this.#holders.set(slot, owner);
    this.#turns = [...this.#turns.filter((one) => one !== owner), owner];
    return slot;
  }

  #next(): Waiter<S> | undefined {
    const isBefore = (one: Waiter<S>, other: Waiter<S>) => {
      const fewer = this.#held(one.owner) - this.#held(other.owner);
      return (fewer || this.#turns.indexOf(one.owner) - this.#turns.indexOf(other.owner)) < 0;
    };
    return this.#waiting.reduce<Waiter<S> | undefined>(
      (best, one) => (best === undefined || isBefore(one, best) ? one : best),
      undefined,
    );
  }

  /** True when another owner's newest request was refused for one of this owner. */
  #makeRoom(owner: string): boolean {
    const heaviest = this.#waiting.reduce<Waiter<S> | undefined>(
      (most, one) => (most === undefined || this.#open(one.owner) >= this.#open(most.owner) ? one : most),
      undefined,
    );
    // After the exchange the newcomer's owner must not be the heavier one, or they would take turns at it.
    if (!heaviest || this.#open(heaviest.owner) <= this.#open(owner) + 1) return false;
    this.#drop(heaviest);
    heaviest.refuse();
    return true;
  }

  #drop(waiter: Waiter<S>): void {
    const at = this.#waiting.indexOf(waiter);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #held(owner: string): number {
    return [...this.#holders.values()].filter((one) => one === owner).length;
  }

  #open(owner: string): number {
    return this.#held(owner) + this.#waiting.filter((one) => one.owner === owner).length;
  }
}
