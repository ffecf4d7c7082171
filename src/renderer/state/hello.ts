import { create } from 'zustand';
import type { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/rpc/contract.ts';
import { core, useConnection } from './core.ts';

type Hello = OutputOf<(typeof contract)['shell']['hello']>;

/** What the core said of itself when the connection opened. */
export const useHello = create<{ hello?: Hello }>(() => ({}));

/** Asks now and at each later opening of the connection: another server may answer then. */
export function greet(): void {
  const ask = () => {
    if (useConnection.getState().state !== 'open') return;
    core()
      .shell.hello({})
      .then(
        (hello) => useHello.setState({ hello }),
        () => undefined,
      );
  };
  useConnection.subscribe(ask);
  ask();
}
