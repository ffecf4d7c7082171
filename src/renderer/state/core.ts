import { create } from 'zustand';
import type { AppContract } from '../../shared/contract/index.ts';
import type { Client } from '../../shared/rpc/connect.ts';
import { openConnection } from '../connection/connection.ts';
import type { Connection, ConnectionState } from '../connection/keep-connected.ts';
import { type ShownError, toShownError } from './shown-error.ts';

let connection: Connection<AppContract> | undefined;

/** The state of the page's connection to the core. */
export const useConnection = create<{ state: ConnectionState }>(() => ({ state: 'connecting' }));

/** Opens the page's only connection. Call it once, before the first render. */
export function startCore(): void {
  const { state } = made();
  state.subscribe(() => useConnection.setState({ state: state.get() }));
  useConnection.setState({ state: state.get() });
}

/** Returns the typed client of the core. Calls fail with `rpc.closed` while the connection is lost. */
export function core(): Client<AppContract> {
  return made().client;
}

/** Passes each item of a stream to `take` for the life of the page. The stream resumes after a lost connection. */
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
