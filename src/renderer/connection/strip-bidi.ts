import type { Pipe } from '../../shared/rpc/pipe.ts';

/** Characters that change the direction of the text after them (UAX 9: embeddings, overrides, isolates). */
const turning = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * Replaces every such character with U+FFFD in received frames, so that a name from a medium, a model server or GitLab cannot reorder
 * the text around it. Right-to-left scripts do not need them.
 */
export function stripBidi(pipe: Pipe): Pipe {
  return { ...pipe, onFrame: (receive) => pipe.onFrame((text) => receive(text.replace(turning, '\ufffd'))) };
}
