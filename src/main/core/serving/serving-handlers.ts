import type { serving } from '../../../shared/contract/serving.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { type RunningServer, runModelServer } from './run-model-server.ts';

/** Implements the contract's area `serving`. */
export function servingHandlers(ports: CorePorts): AreaHandlers<typeof serving> {
  const running = new Set<RunningServer>();
  return {
    modelServer: async (input, work) => {
      let server: RunningServer | undefined;
      const ready = (one: RunningServer) => {
        server = one;
        running.add(one);
      };
      try {
        return await runModelServer(ports, input, work, ready);
      } finally {
        if (server) running.delete(server);
      }
    },
    running: async () => ({ servers: [...running] }),
  };
}
