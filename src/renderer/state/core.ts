import { create } from 'zustand';
import type { AppContract } from '../../shared/contract/index.ts';
import type { Client } from '../../shared/rpc/connect.ts';
import { openConnection } from '../connection/connection.ts';
import type { Connection, ConnectionState } from '../connection/keep-connected.ts';
import { type ShownError, toShownError } from './shown-error.ts';

let connection: Connection<AppContract> | undefined;

/** How the page stands to the core. */
export const useConnection = create<{ state: ConnectionState }>(() => ({ state: 'connecting' }));

/** Opens the one connection of this page. Call it once, before anything is drawn. */
export function startCore(): void {
  const { state } = made();
  state.subscribe(() => useConnection.setState({ state: state.get() }));
  useConnection.setState({ state: state.get() });
}

/** The typed client of the core; calls fail with `rpc.closed` while the connection is lost. */
export function core(): Client<AppContract> {
  return made().client;
}

/** Feeds a store from a stream of the core for as long as the page lives; the stream survives a lost connection by itself. */
export function feed<T>(
  items: AsyncIterable<T>,
  take: (item: T) => void,
  failed: (error: ShownError) => void = () => undefined,
): void {
  void (async () => {
    try {
      for await (const item of items) take(item);
    } catch (error) {
      failed(toShownError(error));
    }
  })();
}

function made(): Connection<AppContract> {
  connection ??= openConnection();
  return connection;
}
