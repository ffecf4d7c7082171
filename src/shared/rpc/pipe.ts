/**
 * A two-way text channel between exactly two peers. Frames arrive complete and in order.
 * `send` resolves when more may be sent (back-pressure), and does nothing after `close`.
 */
export interface Pipe {
  send(text: string): void | Promise<void>;
  onFrame(receive: (text: string) => void): void;
  onClose(closed: () => void): void;
  close(): void;
}

/** Creates two pipes connected in memory; frames are delivered in a later microtask. */
export function memoryPipes(): [Pipe, Pipe] {
  const sides = [newSide(), newSide()] as const;
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    for (const side of sides) for (const closed of side.closers) closed();
  };
  const pipe = (own: 0 | 1): Pipe => ({
    send: async (text) => {
      await Promise.resolve();
      if (open) for (const receive of sides[own === 0 ? 1 : 0].receivers) receive(text);
    },
    onFrame: (receive) => void sides[own].receivers.push(receive),
    onClose: (closed) => void sides[own].closers.push(closed),
    close,
  });
  return [pipe(0), pipe(1)];
}

interface Side {
  receivers: ((text: string) => void)[];
  closers: (() => void)[];
}

function newSide(): Side {
  return { receivers: [], closers: [] };
}
