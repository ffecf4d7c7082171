import type { PartAddress } from '../../serving/parts/parts.ts';
import type { WatchedValue } from './watched-value.ts';

/** A part whose address others need. It has one while it runs. */
export interface AddressedPart {
  readonly name: string;
  readonly address: WatchedValue<PartAddress>;
}

/** Of parts that run, by name. */
export type Addresses = Record<string, PartAddress>;

/** Returns the addresses of those that run. */
export function addressesOf(parts: readonly AddressedPart[]): Addresses {
  return Object.fromEntries(parts.flatMap(({ name, address }) => (address.value ? [[name, address.value]] : [])));
}

/** For each part, resolves once it has another address than the known one; with undefined if the signal aborts first. */
export function otherAddresses(
  parts: readonly AddressedPart[],
  known: Addresses,
  until: AbortSignal,
): Promise<{ part: string; upstream: PartAddress } | undefined>[] {
  return parts.map(async ({ name, address }) => {
    const upstream = await address.when((now) => now !== undefined && !isSame(now, known[name]), until);
    return upstream && { part: name, upstream };
  });
}

function isSame(a: PartAddress, b: PartAddress | undefined): boolean {
  return b !== undefined && a.host === b.host && a.port === b.port && a.token === b.token;
}
