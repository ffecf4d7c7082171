import type { Pipe } from '../../shared/rpc/pipe.ts';

/** What turns around the order of all letters after it, to the end of the line (UAX 9: embeddings, overrides, isolates). */
const turning = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * The pipe, with every such character shown as U+FFFD: a name from a medium, a model server or GitLab cannot make the words around it
 * read otherwise. Scripts that run from right to left need none of them.
 */
export function inOrder(pipe: Pipe): Pipe {
  return { ...pipe, onFrame: (receive) => pipe.onFrame((text) => receive(text.replace(turning, '\ufffd'))) };
}
