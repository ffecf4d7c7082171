import { AppError } from '../../../../shared/errors/app-error.ts';
import type { Remedy } from '../../../../shared/errors/define.ts';
import { connectEngine, type Engine, engineAddress } from '../../engine/connect-engine.ts';

/** Why images are left out. */
export interface NoEngine {
  reason: string;
  remedies: Remedy[];
  /** No engine was found, so packages could bring one. */
  isAbsent?: boolean;
}

/** Given instead of an address to leave images out. */
const none = 'none';

/**
 * Connects to the engine for a bundle's images. A requested address must answer (`engine.absent`, `engine.denied`, `engine.silent`);
 * without a request, an import continues without an engine, and the result is the reason.
 */
export async function chooseEngine(asked: string | undefined): Promise<Engine | NoEngine> {
  if (asked === none) return { reason: 'the import was started without an engine (--engine none)', remedies: [] };
  if (asked !== undefined) return connectEngine(asked);
  try {
    return await connectEngine(engineAddress(undefined));
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const { code, message, remedies } = thrown.wire;
    const reason = `it needs a container engine: ${message.replace(/\.$/, '')}`;
    return { reason, remedies, isAbsent: code === 'engine.absent' };
  }
}

/** Narrows the result of `chooseEngine`. */
export function isEngine(chosen: Engine | NoEngine): chosen is Engine {
  return 'docker' in chosen;
}
