import type { Client } from '../../../../shared/rpc/connect.ts';
import type { partContract } from '../../serving/parts/parts.ts';
import { type AddressedPart, type Addresses, otherAddresses } from './part-addresses.ts';
import { aborted, type WatchedValue } from './watched-value.ts';

/** A part that serves. */
interface ServingPart {
  client: Client<typeof partContract>;
  /** The parts whose addresses it receives; others after each change of `rewired`. */
  upstreams(): readonly AddressedPart[];
  /** Their addresses as it has them. */
  given: Addresses;
  rewired: WatchedValue<number>;
  /** How its process ended. */
  ended: Promise<string>;
  /** Aborts when the run must end. */
  whole: AbortSignal;
}

/**
 * Lets a part serve and sends it each new address of its upstreams. Returns how its process ended, or undefined when it must
 * be ended: on a stop, a restart, or when it does not accept the new address.
 */
export async function serveWithUpstreams(part: ServingPart): Promise<string | undefined> {
  const { client, ended, whole } = part;
  const known = { ...part.given };
  for (;;) {
    const news = await nextNews(part, known);
    if (news === 'rewired') continue;
    if (news === undefined || 'end' in news) return news?.end;
    const told = client.part.redirect(news).then(
      () => true,
      () => false,
    );
    // However long a busy machine takes for it: a part that hangs is known by its measurements.
    const isTold = await Promise.race([told, ended, aborted(whole)]);
    if (isTold !== true) return isTold || undefined;
    known[news.part] = news.upstream;
  }
}

/** Waits for the part's end, for other upstreams, or for another address of one; undefined when the run must end. */
async function nextNews({ upstreams, rewired, ended, whole }: ServingPart, known: Addresses) {
  const over = new AbortController();
  const until = AbortSignal.any([whole, over.signal]);
  const { value: wires } = rewired;
  const isRewired = rewired
    .when((now) => now !== wires, until)
    .then((now) => (now === undefined ? undefined : ('rewired' as const)));
  const end = ended.then((how) => ({ end: how }));
  const news = await Promise.race([end, aborted(until), isRewired, ...otherAddresses(upstreams(), known, until)]);
  over.abort();
  return news;
}
