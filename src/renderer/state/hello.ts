import { create } from 'zustand';
import type { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/rpc/contract.ts';
import { core, useConnection } from './core.ts';

type Hello = OutputOf<(typeof contract)['shell']['hello']>;

/**
 * The greeting of the core: version, permissions and command names. Undefined until it arrives. `isReplaced` is true once a core of another version than
 * the first answered: this page is not from it.
 */
export const useHello = create<{ hello?: Hello; isReplaced: boolean }>(() => ({ isReplaced: false }));

/** True when this page may make changes. False until the core has said so, and while the connection is lost. */
export function useMayWrite(): boolean {
  const isConnected = useConnection(({ state }) => state === 'open');
  return useHello(({ hello }) => hello?.mayWrite === true) && isConnected;
}

/** True when the core has said that another Sealift uses the data folder. */
export function useIsReadOnly(): boolean {
  return useHello(({ hello }) => hello?.mayWrite === false);
}

/** Requests the greeting now, and each time the connection opens, because another server may answer. */
export function greet(): void {
  const ask = () => {
    if (useConnection.getState().state !== 'open') return;
    core()
      .shell.hello({})
      .then(
        (hello) =>
          useHello.setState((before) => ({
            hello,
            isReplaced: before.isReplaced || (before.hello !== undefined && before.hello.version !== hello.version),
          })),
        () => undefined,
      );
  };
  useConnection.subscribe(ask);
  ask();
}
