import { AppError } from '../../../shared/errors/app-error.ts';
import type { Remedy } from '../../../shared/errors/define.ts';
import { connectEngine, type Engine, engineAddress } from '../engine/connect-engine.ts';

/** Why images are left out. */
export interface NoEngine {
  reason: string;
  remedies: Remedy[];
}

/** Written instead of an address by who wants no images. */
const none = 'none';

/**
 * The engine for a bundle's images: an address that was asked for must answer (`engine.absent`, `engine.denied`, `engine.silent`);
 * when none was asked for, an import goes on without, and the answer says why.
 */
export async function chooseEngine(asked: string | undefined): Promise<Engine | NoEngine> {
  if (asked === none) return { reason: 'it was asked for without an engine (--engine none)', remedies: [] };
  if (asked !== undefined) return connectEngine(asked);
  try {
    return await connectEngine(engineAddress(undefined));
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const { message, remedies } = thrown.wire;
    return { reason: `it needs a container engine: ${message.replace(/\.$/, '')}`, remedies };
  }
}

/** Tells what `chooseEngine` gave. */
export function isEngine(chosen: Engine | NoEngine): chosen is Engine {
  return 'docker' in chosen;
}
