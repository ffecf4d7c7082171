import { contract } from '../../../shared/contract/index.ts';
import type { shell } from '../../../shared/contract/shell.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { contractHash } from './contract-hash.ts';

/** Implements the contract's area `shell`. */
export function shellHandlers(ports: Pick<CorePorts, 'version' | 'shell'>): AreaHandlers<typeof shell> {
  const { kind, ...more } = ports.shell;
  let hash: string | undefined;
  return {
    hello: async (_input, { mayWrite, owner }) => {
      hash ??= contractHash(contract);
      return {
        version: ports.version,
        contractHash: hash,
        shell: kind,
        mayWrite,
        ...(!mayWrite && { owner }),
        ...more,
      };
    },
  };
}
