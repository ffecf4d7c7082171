import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../../../shared/rpc/connect.ts';
import type { OutputOf } from '../../../../shared/rpc/contract.ts';
import type { partContract } from '../../serving/parts/parts.ts';

type Measured = OutputOf<typeof partContract.part.measure>['measured'];

/** How long a part may take to answer with its figures. */
export const answerMs = 1500;

/** Asks one process of a part for its figures, and knows how long it has not answered. */
export class PartQuestions {
  readonly #client: Client<typeof partContract>;
  #open: Promise<Measured | undefined> | undefined;
  /** By a clock that no one sets: the time in the state may be an hour off after a change of the clock. */
  #silentFrom: number | undefined;

  constructor(client: Client<typeof partContract>) {
    this.#client = client;
  }

  /** Returns the figures; undefined when there is no answer in time. Never throws. */
  async ask(): Promise<Measured | undefined> {
    // A part that hangs gets no second request before it has answered the first.
    this.#open ??= this.#client.part.measure({}).then(
      ({ measured }) => {
        this.#open = undefined;
        return measured;
      },
      () => undefined,
    );
    const measured = await Promise.race([this.#open, sleep(answerMs, undefined, { ref: false })]);
    if (measured) this.#silentFrom = undefined;
    else this.#silentFrom ??= performance.now();
    return measured;
  }

  /** How long it has not answered, in ms. */
  unansweredMs(): number {
    return this.#silentFrom === undefined ? 0 : performance.now() - this.#silentFrom;
  }
}
